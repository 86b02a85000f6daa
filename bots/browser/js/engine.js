// Finds elements the way a person names them. One expression: an object whose `query` and `queryAll` make it a
// Playwright selector engine (`rpa={…JSON of a Target…}`); the rest serves diagnosis, tables and fingerprints.
(() => {
  const SPACE = /[\s\u00a0\u200b\u200e\u200f\ufeff]+/g;
  const clean = (s) => (s || '').normalize('NFC').replace(SPACE, ' ').trim();
  // What a person overlooks: case, a colon or star at the end of a label, three dots, icons before and behind.
  const ICONS = '\\s\\p{So}\\p{Co}\\u2190-\\u21ff\\u25a0-\\u25ff•·›‹»«';
  const EDGES = new RegExp('^[*＊' + ICONS + ']+|(?:[:：*＊…' + ICONS + ']|\\.\\.\\.)+$', 'gu');
  const loose = (s) => { const low = clean(s).toLowerCase(); return low.replace(EDGES, '') || low; };

  // ---- the tree, open shadow roots included -------------------------------------------------------------------
  const roots = (root) => {
    const out = [root];
    if (root.shadowRoot) out.push(root.shadowRoot);
    for (const r of out) for (const e of r.querySelectorAll('*')) if (e.shadowRoot) out.push(e.shadowRoot);
    return out;
  };
  const select = (root, css) => {
    const trees = roots(root);
    return trees.length === 1 ? [...root.querySelectorAll(css)] : trees.flatMap((r) => [...r.querySelectorAll(css)]);
  };
  const parent = (el) => el.assignedSlot || el.parentElement || (el.getRootNode() && el.getRootNode().host) || null;
  const contains = (outer, inner) => {
    for (let e = inner; e; e = parent(e)) if (e === outer) return true;
    return false;
  };
  const closest = (el, test) => {
    for (let e = el; e; e = parent(e)) if (test(e)) return e;
    return null;
  };
  const byId = (el, id) => (el.getRootNode().getElementById ? el.getRootNode().getElementById(id) : null);

  // ---- what shows ---------------------------------------------------------------------------------------------
  const shown = (el) => {
    if (el.tagName === 'OPTION' || el.tagName === 'OPTGROUP') return shown(el.closest('select') || el.parentElement);
    if (el.tagName === 'AREA') return true;
    if (getComputedStyle(el).display === 'contents') return [...el.children].some(shown);
    if (!el.checkVisibility({ checkVisibilityCSS: true, visibilityProperty: true })) return false;
    const box = el.getBoundingClientRect();
    if (box.width > 0 && box.height > 0) return true;
    return [...el.children].some(shown);
  };
  const INLINE = new Set(('A B I EM STRONG SPAN SMALL MARK SUB SUP CODE FONT U S BDI BDO ABBR CITE Q VAR KBD LABEL TIME ' +
    'INS DEL WBR TT BIG DFN SAMP SLOT').split(' '));
  const SILENT = new Set('SCRIPT STYLE NOSCRIPT TEMPLATE SELECT TEXTAREA DATALIST HEAD TITLE'.split(' '));
  const kids = (node) => {
    if (node.shadowRoot) return node.shadowRoot.childNodes;
    if (node.tagName === 'SLOT' && node.assignedNodes().length) return node.assignedNodes();
    return node.childNodes;
  };
  const buttonText = (el) => el.value || { submit: 'Submit', reset: 'Reset' }[el.type] || '';
  const isButtonInput = (el) => el.tagName === 'INPUT' && /^(submit|reset|button)$/.test(el.type);
  // `memo` holds the words of elements for one look through the page: each is asked once, not once for every parent.
  const words = (node, hidden = false, memo = null) => {
    if (memo && memo.has(node)) return memo.get(node);
    let out = '';
    for (const kid of kids(node)) {
      if (kid.nodeType === 3) out += kid.data;
      else if (kid.nodeType === 1 && !SILENT.has(kid.tagName)) {
        if (!hidden && !kid.checkVisibility({ visibilityProperty: true }) && getComputedStyle(kid).display !== 'contents') continue;
        if (kid.tagName === 'BR') out += ' ';
        else if (kid.tagName === 'IMG') out += ' ' + (kid.alt || '') + ' ';
        else if (isButtonInput(kid)) out += ' ' + buttonText(kid) + ' ';
        else if (INLINE.has(kid.tagName)) out += words(kid, hidden, memo);
        else out += ' ' + words(kid, hidden, memo) + ' ';
      }
    }
    if (memo) memo.set(node, out);
    return out;
  };
  const textOf = (el, memo = null) => clean(isButtonInput(el) ? buttonText(el) : words(el, false, memo));

  // ---- roles and names ----------------------------------------------------------------------------------------
  const INPUT_ROLES = { button: 'button', submit: 'button', reset: 'button', image: 'button', checkbox: 'checkbox',
    radio: 'radio', range: 'slider', number: 'spinbutton', search: 'searchbox', email: 'textbox', tel: 'textbox',
    url: 'textbox', text: 'textbox', password: 'textbox', date: 'textbox', 'datetime-local': 'textbox',
    month: 'textbox', week: 'textbox', time: 'textbox', color: 'textbox', file: 'button' };
  const TAG_ROLES = { BUTTON: 'button', SUMMARY: 'button', TEXTAREA: 'textbox', OPTION: 'option', TABLE: 'table', TR: 'row',
    TH: 'columnheader', UL: 'list', OL: 'list', MENU: 'list', LI: 'listitem', NAV: 'navigation', MAIN: 'main',
    ASIDE: 'complementary', FORM: 'form', ARTICLE: 'article', DIALOG: 'dialog', FIELDSET: 'group', DETAILS: 'group',
    HR: 'separator', PROGRESS: 'progressbar', METER: 'meter', OUTPUT: 'status', P: 'paragraph', H1: 'heading',
    H2: 'heading', H3: 'heading', H4: 'heading', H5: 'heading', H6: 'heading', HEADER: 'banner', FOOTER: 'contentinfo',
    IFRAME: 'iframe', SECTION: 'region', FIGURE: 'figure', OPTGROUP: 'group', THEAD: 'rowgroup', TBODY: 'rowgroup',
    DL: 'list', DT: 'term', DD: 'definition' };
  const editable = (el) => el.hasAttribute && (el.getAttribute('contenteditable') === '' ||
    /^(true|plaintext-only)$/.test(el.getAttribute('contenteditable') || ''));
  // The handle of a slider that says nothing of itself: reached by keyboard, empty, placed by a share of its track.
  const isHandle = (el) => el.tabIndex >= 0 && !el.childElementCount && !el.textContent.trim() && el.style &&
    [el.style.left, el.style.right, el.style.top, el.style.bottom].some((at) => at.endsWith('%'));
  const role = (el) => {
    const said = (el.getAttribute('role') || '').trim().split(/\s+/)[0];
    if (said) return said;
    const tag = el.tagName;
    if (tag === 'A' || tag === 'AREA') return el.hasAttribute('href') ? 'link' : '';
    if (tag === 'INPUT') return el.hasAttribute('list') ? 'combobox' : INPUT_ROLES[el.type] || 'textbox';
    if (tag === 'SELECT') return el.multiple || el.size > 1 ? 'listbox' : 'combobox';
    if (tag === 'TD') return el.closest('[role=grid],[role=treegrid]') ? 'gridcell' : 'cell';
    if (tag === 'TH' && (el.scope || '').startsWith('row')) return 'rowheader';
    if (tag === 'IMG') return el.getAttribute('alt') === '' ? 'presentation' : 'img';
    if (tag === 'svg') return 'img';
    if (editable(el)) return 'textbox';
    return TAG_ROLES[tag] || (isHandle(el) ? 'slider' : '');
  };
  const labelWords = (label, field) => {
    const copy = [];
    const walk = (node) => {
      for (const kid of kids(node)) {
        if (kid === field) continue;
        if (kid.nodeType === 3) copy.push(kid.data);
        else if (kid.nodeType === 1 && !SILENT.has(kid.tagName)) {
          if (kid.tagName === 'IMG') copy.push(' ' + kid.alt + ' ');
          else if (INLINE.has(kid.tagName)) walk(kid);
          else { copy.push(' '); walk(kid); copy.push(' '); }
        }
      }
    };
    walk(label);
    return clean(copy.join(''));
  };
  const pointed = (el, attribute) => (el.getAttribute(attribute) || '').split(/\s+/).filter(Boolean)
    .map((id) => byId(el, id)).filter(Boolean);
  // Every label a field carries in the code of the page.
  const labels = (el) => {
    const out = [];
    const by = pointed(el, 'aria-labelledby').map((e) => clean(words(e, true)));
    if (by.length) out.push(clean(by.join(' ')), ...(by.length > 1 ? by : []));
    if (el.getAttribute('aria-label')) out.push(clean(el.getAttribute('aria-label')));
    for (const label of el.labels || []) out.push(labelWords(label, el));
    if (!el.labels) {
      const around = closest(el, (e) => e.tagName === 'LABEL');
      if (around && around !== el) out.push(labelWords(around, el));
      else if (el.id) {
        const tied = el.getRootNode().querySelector('label[for="' + CSS.escape(el.id) + '"]');
        if (tied) out.push(labelWords(tied, el));
      }
    }
    return out.filter(Boolean);
  };
  const FROM_CONTENT = new Set(('button link tab menuitem menuitemcheckbox menuitemradio option treeitem heading cell gridcell ' +
    'columnheader rowheader checkbox radio switch tooltip row').split(' '));
  const name = (el) => {
    const said = labels(el);
    if (said.length) return said[0];
    const tag = el.tagName;
    if (isButtonInput(el)) return clean(buttonText(el));
    if (tag === 'IMG' || tag === 'AREA' || (tag === 'INPUT' && el.type === 'image')) {
      if (clean(el.alt)) return clean(el.alt);
    }
    const part = { FIELDSET: 'legend', TABLE: 'caption', FIGURE: 'figcaption' }[tag];
    if (part && el.querySelector(':scope > ' + part)) return textOf(el.querySelector(':scope > ' + part));
    if (tag === 'svg' && el.querySelector(':scope > title')) return clean(el.querySelector(':scope > title').textContent);
    if (FROM_CONTENT.has(role(el))) {
      const own = clean(words(el));
      if (own) return own;
      const inner = select(el, '[aria-label],[title],svg > title')[0];
      if (inner) return clean(inner.getAttribute('aria-label') || inner.getAttribute('title') || inner.textContent);
    }
    return clean(el.getAttribute('title') || el.getAttribute('placeholder') || '');
  };

  // ---- looks (looks.js) ---------------------------------------------------------------------------------------
  const looks = (LOOKS)({ clean, select, box: (el) => el.getBoundingClientRect() });

  // ---- values -------------------------------------------------------------------------------------------------
  const valueOf = (el) => {
    if (el.tagName === 'SELECT') return [...el.selectedOptions].map((o) => clean(o.textContent)).join(', ');
    if (el.tagName === 'INPUT' && /^(checkbox|radio)$/.test(el.type)) return el.checked ? 'true' : 'false';
    if (el.tagName === 'INPUT' || el.tagName === 'TEXTAREA') return el.value;
    if (el.hasAttribute('aria-checked') && !editable(el)) return el.getAttribute('aria-checked');
    if (el.tagName === 'PROGRESS' || el.tagName === 'METER') return String(el.value);
    return el.innerText === undefined ? el.textContent : el.innerText;
  };
  const cellText = (cell) => {
    const text = clean(cell.innerText === undefined ? cell.textContent : cell.innerText);
    const fields = select(cell, 'input:not([type=hidden]),select,textarea').filter(shown);
    if (fields.length === 1 && !(cell.querySelector('select') && text && !text.startsWith(clean(fields[0].innerText)))) {
      if (/^(checkbox|radio)$/.test(fields[0].type)) return text || (fields[0].checked ? 'true' : 'false');
      return clean(valueOf(fields[0]));
    }
    return text;
  };
  // Both readings of a printed number: a separator before three digits may be either mark.
  const numbers = (text) => {
    const bare = clean(text).replace(/^[^\d\-−(]*|[^\d)]*$/g, '').replace(/−/g, '-');
    if (!/\d/.test(bare) || !/^[\d.,'’ ()\-]+$/.test(bare)) return [];
    const sign = /^\(.*\)$|^-|-$/.test(bare) ? -1 : 1;
    const digits = bare.replace(/[()\-'’ ]/g, '');
    const out = new Set();
    const plain = Number(digits.replace(/[.,]/g, ''));
    const mark = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
    if (mark < 0 || /^\d{1,3}([.,]\d{3})+$/.test(digits)) out.add(sign * plain);
    if (mark >= 0) out.add(sign * Number(digits.slice(0, mark).replace(/[.,]/g, '') + '.' + digits.slice(mark + 1)));
    return [...out];
  };
  const dates = (iso) => {
    const [y, m, d] = iso.split('-');
    const day = new Date(Date.UTC(+y, +m - 1, +d));
    const out = [iso, `${y}/${m}/${d}`, `${y}.${m}.${d}`, `${y}. ${+m}. ${+d}.`, `${y}년 ${+m}월 ${+d}일`, `${d}.${m}.${y}`];
    for (const lang of [document.documentElement.lang, navigator.language].filter(Boolean)) {
      for (const dateStyle of ['short', 'medium', 'long']) {
        try { out.push(new Intl.DateTimeFormat(lang, { dateStyle, timeZone: 'UTC' }).format(day)); } catch { continue; }
      }
      try {
        out.push(new Intl.DateTimeFormat(lang, { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC' }).format(day));
      } catch { continue; }
    }
    return out.map(clean);
  };
  // `want` is {t: text} or also {n: number} or {d: ISO date}.
  const same = (text, want) => {
    if (text === clean(want.t) || loose(text) === loose(want.t)) return true;
    if (want.n !== undefined && numbers(text).includes(Number(want.n))) return true;
    return want.d !== undefined && dates(want.d).includes(text);
  };

  // ---- tables -------------------------------------------------------------------------------------------------
  const GRID = 'table,[role=table],[role=grid],[role=treegrid]';
  const isGrid = (el) => el.matches(GRID);
  const CELLS = 'td,th,[role=cell],[role=gridcell],[role=columnheader],[role=rowheader]';
  const isHead = (el) => (el.tagName === 'TH' && !/^(cell|gridcell|rowheader)$/.test(el.getAttribute('role') || '') &&
    !(el.scope || '').startsWith('row')) || el.getAttribute('role') === 'columnheader';
  const cellsOf = (row) => {
    const own = select(row, CELLS).filter((c) => closest(parent(c), (e) => e.matches('tr,[role=row]')) === row);
    return own.length ? own : [...row.children];
  };
  const gridRows = (table) => {
    const own = select(table, 'tr,[role=row]').filter((r) => closest(parent(r), isGrid) === table && r.checkVisibility());
    return own.filter((r) => !own.some((o) => o !== r && contains(r, o)));
  };
  // Rows as lists of cells by column: spans are filled, cells that do not show are left out.
  const place = (rows) => {
    const taken = [];
    return rows.map((row, y) => {
      const line = [];
      let x = 0;
      for (const cell of cellsOf(row)) {
        if (getComputedStyle(cell).display === 'none') continue;
        while (taken[y] && taken[y][x]) { line[x] = taken[y][x]; x += 1; }
        const wide = Math.min(cell.colSpan || Number(cell.getAttribute('aria-colspan')) || 1, 200);
        const high = Math.min(cell.rowSpan || 1, rows.length - y);
        for (let dx = 0; dx < wide; dx += 1) {
          line[x + dx] = cell;
          for (let dy = 1; dy < high; dy += 1) (taken[y + dy] = taken[y + dy] || [])[x + dx] = cell;
        }
        x += wide;
      }
      while (taken[y] && taken[y][x]) { line[x] = taken[y][x]; x += 1; }
      return line;
    });
  };
  const grid = (table) => {
    const rows = gridRows(table);
    const lines = place(rows);
    let heads = 0;
    const inHead = (row) => Boolean(row.closest('thead')) || cellsOf(row).every(isHead);
    while (heads < rows.length && cellsOf(rows[heads]).length && inHead(rows[heads])) heads += 1;
    const columns = [];
    for (const line of lines.slice(0, heads)) {
      line.forEach((cell, x) => {
        const text = clean(cell.innerText) || clean(cell.getAttribute('aria-label') || cell.getAttribute('title') || '');
        columns[x] = columns[x] || [];
        if (text && !columns[x].includes(text)) columns[x].push(text);
      });
    }
    const body = rows.map((el, i) => ({ el, cells: lines[i] })).slice(heads);
    if (!heads && body.length) borrowHead(table, body, columns);
    return { columns: [...columns].map((c) => c || []), rows: body.filter((r) => !r.el.closest('tfoot')), heads };
  };
  // Scrolling grids keep their head in a table of its own: take the one right above with columns at the same places.
  const borrowHead = (table, body, columns) => {
    const top = table.getBoundingClientRect();
    const others = select(document, GRID).filter((t) => t !== table && shown(t) && gridRows(t).length &&
      gridRows(t).every((r) => cellsOf(r).every(isHead)));
    const above = others.find((t) => {
      const box = t.getBoundingClientRect();
      return Math.abs(box.left - top.left) < 20 && box.top <= top.top + 2 && top.top - box.bottom < 60;
    });
    if (!above) return;
    const heads = gridRows(above).flatMap(cellsOf);
    body[0].cells.forEach((cell, x) => {
      const c = cell.getBoundingClientRect();
      const middle = (c.left + c.right) / 2;
      const head = heads.find((h) => { const b = h.getBoundingClientRect(); return b.left <= middle && middle <= b.right; });
      columns[x] = head ? [clean(head.innerText)] : [];
    });
  };
  const columnIndexes = (columns, key) => {
    const hit = (test) => columns.map((names, i) => (test(names) ? i : -1)).filter((i) => i >= 0);
    const whole = (names) => names.join(' ');
    for (const test of [(n) => whole(n) === clean(key), (n) => n.includes(clean(key)), (n) => loose(whole(n)) === loose(key),
      (n) => n.some((t) => loose(t) === loose(key))]) {
      const found = hit(test);
      if (found.length) return found;
    }
    return /^\d+$/.test(key) ? [Number(key) - 1] : [];
  };
  const rowsLike = (root, cells) => {
    const tables = select(root, GRID).filter(shown);
    const around = root.nodeType === 1 && !tables.length ? closest(root, isGrid) : null;
    const out = [];
    for (const table of around ? [around] : tables) {
      const { columns, rows } = grid(table);
      const wanted = Object.entries(cells).map(([key, want]) => [key === '*' ? null : columnIndexes(columns, key), want]);
      if (wanted.some(([at]) => at && !at.length)) continue;
      for (const row of rows) {
        const fits = wanted.every(([at, want]) => (at ? at.map((i) => row.cells[i]) : row.cells)
          .some((cell) => cell && same(cellText(cell), want)));
        if (fits && shown(row.el) && (root.nodeType !== 1 || contains(root, row.el))) out.push(row.el);
      }
    }
    return out;
  };

  // ---- matching -----------------------------------------------------------------------------------------------
  const FIELD = 'input:not([type=hidden]),textarea,select,[contenteditable=""],[contenteditable=true],' +
    '[contenteditable=plaintext-only],[role=textbox],[role=searchbox],[role=combobox],[role=listbox],[role=spinbutton],' +
    '[role=slider],[role=checkbox],[role=radio],[role=switch],[role=radiogroup],meter,output,progress,[role=progressbar]';
  const isField = (el) => el.matches(FIELD) && !(isButtonInput(el) || (el.tagName === 'INPUT' && el.type === 'image'));
  const PRESSED = 'button,a[href],area[href],summary,input[type=submit],input[type=button],input[type=reset],input[type=image],' +
    '[role=button],[role=link],[role=tab],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],' +
    '[role=treeitem],[role=checkbox],[role=radio],[role=switch],[role=combobox],option';
  const NAMED = PRESSED + ',h1,h2,h3,h4,h5,h6,[role=heading],img,[role=img],[role=dialog],dialog,[role=columnheader]';
  const innermost = (list) => list.filter((e) => !list.some((o) => o !== e && contains(e, o)));
  const withText = (root, test) => {
    const found = [];
    const memo = new Map();
    for (const tree of roots(root)) {
      const top = tree.nodeType === 9 ? tree.body : tree;
      if (!top) continue;
      const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
      const seen = new Set();
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.data.trim()) continue;
        // The text may be split over inline children: look upwards while the parent still may be the whole of it.
        for (let el = node.parentElement, n = 0; el && n < 6 && !seen.has(el); el = el.parentElement, n += 1) {
          seen.add(el);
          if (SILENT.has(el.tagName) && el.tagName !== 'TEXTAREA') break;
          const text = clean(el.textContent);
          if (text.length > 4000) break;
          if (test(textOf(el, memo))) { found.push(el); break; }
        }
      }
      for (const el of tree.querySelectorAll('input[type=submit],input[type=button],input[type=reset]')) {
        if (test(textOf(el))) found.push(el);
      }
    }
    return innermost([...new Set(found)]);
  };
  const box = (el) => el.getBoundingClientRect();
  // A field that carries no label of its own, but stands right beside or under the words a person reads as one.
  const besideWords = (root, equal) => {
    const texts = withText(root, equal).filter(shown);
    if (!texts.length) return [];
    const free = select(root, FIELD).filter((f) => isField(f) && shown(f) && !labels(f).length);
    const out = [];
    for (const text of texts) {
      const t = box(text);
      const cell = closest(text, (e) => e.matches('td,th,dt,[role=cell],[role=gridcell]'));
      const next = cell && cell.nextElementSibling;
      const inside = next && free.filter((f) => contains(next, f));
      if (inside && inside.length) { out.push(inside[0]); continue; }
      const place = (f) => {
        const b = box(f);
        const level = Math.min(t.bottom, b.bottom) - Math.max(t.top, b.top);
        if (level > Math.min(t.height, b.height) / 2 && b.left >= t.right - 8) return b.left - t.right;
        if (b.top >= t.bottom - 6 && b.top - t.bottom < 40 && b.left < t.right && b.right > t.left) return 1000 + b.top - t.bottom;
        return Infinity;
      };
      const best = free.map((f) => [place(f), f]).filter(([d]) => d < 1300 && (d < 400 || d >= 1000)).sort((a, b) => a[0] - b[0])[0];
      if (best) out.push(best[1]);
    }
    return [...new Set(out)];
  };
  // What stands behind its name: the definition of a term, the cell behind a heading or a first cell.
  const besideTerm = (root, equal) => {
    const behind = (text) => {
      const cell = closest(text, (e) => e.matches('dt,th,td,[role=rowheader],[role=cell]'));
      const next = cell && equal(textOf(cell)) ? cell.nextElementSibling : null;
      const fits = next && (cell.tagName === 'DT' ? next.tagName === 'DD' : next.matches('td,[role=cell],[role=gridcell]'));
      return fits ? next : null;
    };
    return [...new Set(withText(root, equal).map(behind).filter(Boolean))];
  };
  const testId = (el) => ['data-testid', 'data-test-id', 'data-test', 'data-qa', 'data-cy'].map((a) => el.getAttribute(a)).find(Boolean);
  const RUNGS = {
    label: (root, eq) => select(root, FIELD).filter((e) => isField(e) && labels(e).some(eq)),
    pressed: (root, eq) => innermost(select(root, PRESSED).filter((e) => eq(name(e)))),
    named: (root, eq) => innermost(select(root, NAMED).filter((e) => eq(name(e)))),
    placeholder: (root, eq) => select(root, '[placeholder],[aria-placeholder]')
      .filter((e) => eq(e.getAttribute('placeholder') || '') || eq(e.getAttribute('aria-placeholder') || '')),
    title: (root, eq) => select(root, '[title]').filter((e) => eq(e.getAttribute('title'))),
    alt: (root, eq) => select(root, '[alt]').filter((e) => eq(e.getAttribute('alt'))),
    beside: besideWords,
    answer: besideTerm,
    file: (root, eq) => select(root, 'input[type=file]').filter((e) => eq(name(e))),
    tied: (root, eq) => select(root, 'label').filter((e) => eq(labelWords(e))),
    text: withText,
  };
  // What a bare string may mean, by what the action needs; the first rung that shows anything decides.
  const LADDERS = {
    field: ['label', 'placeholder', 'title', 'beside', 'tied'],
    press: ['pressed', 'label', 'named', 'placeholder', 'title', 'alt', 'text', 'beside'],
    check: ['label', 'pressed', 'text', 'beside'],
    file: ['file', 'label', 'pressed', 'beside', 'text'],
    read: ['label', 'answer', 'beside', 'placeholder', 'title'],
    any: ['label', 'named', 'placeholder', 'text', 'title', 'alt', 'beside'],
  };
  const both = (want) => [(s) => clean(s) === clean(want), (s) => loose(s) === loose(want) && loose(s) !== ''];
  const says = (root, want, wants, keep) => {
    for (const rung of LADDERS[wants] || LADDERS.any) {
      for (const equal of both(want)) {
        const found = [...new Set(RUNGS[rung](root, equal))].filter(keep);
        if (found.length) return found;
      }
    }
    return [];
  };
  // The dialog on top that shuts off the page behind it.
  const modal = () => select(document, 'dialog,[role=dialog],[role=alertdialog],[aria-modal=true]').filter((d) => shown(d) &&
    (d.tagName !== 'DIALOG' || d.matches(':modal'))).pop();
  const firstOf = (tests, list) => {
    for (const test of tests) { const found = list.filter(test); if (found.length) return found; }
    return [];
  };
  const xpath = (root, path) => {
    const found = document.evaluate(path, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    return Array.from({ length: found.snapshotLength }, (_, i) => found.snapshotItem(i)).filter((n) => n.nodeType === 1);
  };
  const ROLE_CSS = {
    button: 'button,summary,input,[role]', link: 'a[href],area[href],[role]', textbox: 'input,textarea,[contenteditable],[role]',
    checkbox: 'input,[role]', radio: 'input,[role]', combobox: 'select,input,[role]', heading: 'h1,h2,h3,h4,h5,h6,[role]',
    row: 'tr,[role]', cell: 'td,[role]', img: 'img,svg,[role]', dialog: 'dialog,[role]', tab: '[role]', option: 'option,[role]',
  };
  const SAME_ROLE = { dialog: ['dialog', 'alertdialog'], image: ['img'], cell: ['cell', 'gridcell'], textbox: ['textbox', 'searchbox'],
    table: ['table', 'grid', 'treegrid'] };
  const FRAMES = 'iframe,frame';
  const frameFits = (el, want) => [el.name, el.id, el.title, el.getAttribute('aria-label') || '', testId(el) || ''].includes(want) ||
    loose(el.title) === loose(want) || (want.length > 2 && (el.getAttribute('src') || '').includes(want));

  const matches = (root, t) => {
    const keep = t.hidden ? () => true : t.wants === 'file' ? (e) => e.type === 'file' || shown(e) : shown;
    if (t.focused) {
      let el = document.activeElement;
      while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
      return el && el !== document.body ? [el] : [];
    }
    if (t.iframe !== undefined) return select(root, FRAMES).filter((el) => frameFits(el, t.iframe));
    if (t.row && !['says', 'role', 'name', 'label', 'text', 'contains', 'placeholder', 'title', 'alt', 'test_id', 'css', 'xpath',
      'value', 'pattern', 'picture', 'shape', 'color'].some((k) => t[k] !== undefined)) return rowsLike(root, t.row);
    if (t.says !== undefined) {
      const top = modal();
      const on = top ? says(root, t.says, t.wants, (e) => keep(e) && contains(top, e)) : [];
      const found = on.length ? on : says(root, t.says, t.wants, keep);
      return t.value === undefined ? found : found.filter((e) => same(clean(valueOf(e)), t.value));
    }
    let list = null;
    const narrow = (find, test) => { list = list ? list.filter(test) : find().filter(keep); };
    if (t.css !== undefined) narrow(() => select(root, t.css), (e) => e.matches(t.css));
    if (t.xpath !== undefined) { const all = xpath(root, t.xpath); narrow(() => all, (e) => all.includes(e)); }
    if (t.test_id !== undefined) {
      narrow(() => select(root, '[data-testid],[data-test-id],[data-test],[data-qa],[data-cy]').filter((e) => testId(e) === t.test_id),
        (e) => testId(e) === t.test_id);
    }
    if (t.role !== undefined) {
      const roles = SAME_ROLE[t.role] || [t.role];
      narrow(() => select(root, ROLE_CSS[t.role] || '*').filter((e) => roles.includes(role(e))), (e) => roles.includes(role(e)));
    }
    if (t.label !== undefined) {
      const base = (list || select(root, FIELD)).filter((e) => (list || isField(e)) && keep(e));
      const found = firstOf(both(t.label).map((eq) => (e) => labels(e).some(eq)), base);
      list = found.length ? found : besideWords(root, both(t.label)[1]).filter((e) => !list || list.includes(e));
    }
    if (t.name !== undefined) {
      const base = list || select(root, NAMED + ',' + FIELD + ',[aria-label],[aria-labelledby]').filter(keep);
      list = firstOf(both(t.name).map((eq) => (e) => eq(name(e))), base);
    }
    for (const key of ['placeholder', 'title', 'alt']) {
      if (t[key] === undefined) continue;
      const read = (e) => e.getAttribute(key) || (key === 'placeholder' && e.getAttribute('aria-placeholder')) || '';
      const base = list || select(root, '[' + key + ']' + (key === 'placeholder' ? ',[aria-placeholder]' : '')).filter(keep);
      list = firstOf(both(t[key]).map((eq) => (e) => eq(read(e))), base);
    }
    if (t.value !== undefined) {
      const base = list || select(root, FIELD).filter((e) => isField(e) && keep(e));
      list = base.filter((e) => same(clean(valueOf(e)), t.value));
    }
    if (t.text !== undefined) {
      if (list) list = firstOf(both(t.text).map((eq) => (e) => eq(textOf(e))), list);
      else for (const eq of both(t.text)) { list = withText(root, eq).filter(keep); if (list.length) break; }
    }
    if (t.pattern !== undefined) {
      const whole = new RegExp('^(?:' + t.pattern + ')$', 'u');
      const fits = (s) => whole.test(clean(s));
      list = list ? list.filter((e) => fits(textOf(e)) || fits(name(e))) : withText(root, fits).filter(keep);
    }
    if (t.picture !== undefined) {
      const found = looks.ofPicture(root, t.picture);
      narrow(() => found, (e) => found.includes(e));
    }
    if (t.shape !== undefined) {
      const found = looks.ofShape(root, t.shape);
      narrow(() => found, (e) => found.includes(e));
    }
    if (t.color !== undefined) {
      const base = list || innermost([...looks.ofShape(root, ''), ...select(root, 'svg text')]).filter(keep);
      list = firstOf(looks.colours(t.color), base);
    }
    if (t.contains !== undefined) {
      const part = (s) => clean(s).toLowerCase().includes(clean(t.contains).toLowerCase());
      list = list ? list.filter((e) => part(textOf(e))) : withText(root, part).filter(keep);
    }
    if (t.multiline !== undefined && list) list = list.filter((e) => manyLines(e) === t.multiline);
    return list || [];
  };
  const manyLines = (e) => e.tagName === 'TEXTAREA' || editable(e) || e.getAttribute('aria-multiline') === 'true';
  // Where several fit, a person means the one that can be reached: in the dialog on top, big enough to see.
  const reachable = (list) => {
    if (list.length < 2) return list;
    const top = modal();
    if (top) { const on = list.filter((e) => contains(top, e)); if (on.length) list = on; }
    const big = list.filter((e) => { const b = box(e); return b.width > 2 && b.height > 2; });
    return big.length ? big : list;
  };
  const gap = (a, b) => {
    const x = Math.max(0, a.left - b.right, b.left - a.right);
    const y = Math.max(0, a.top - b.bottom, b.top - a.bottom);
    return Math.hypot(x, y * 1.5); // lines count more than columns: a person reads along the line
  };
  const nearest = (list, anchors) => {
    if (!anchors.length) return [];
    const far = (e) => Math.min(...anchors.map((a) => (a === e ? Infinity : gap(box(a), box(e)))));
    const ranked = list.map((e) => [far(e), e]).filter(([d]) => d < Infinity).sort((a, b) => a[0] - b[0]);
    return ranked.length ? ranked.filter(([d]) => d < ranked[0][0] + 1).map(([, e]) => e) : [];
  };
  const SCOPES = new Set(('dialog alertdialog group region form tabpanel table grid treegrid row listitem article navigation main ' +
    'complementary list menu tree toolbar search banner contentinfo rowgroup treeitem listbox radiogroup figure').split(' '));
  // Containers for `in`: a named container, else the smallest surroundings of the words that hold a match.
  const ANCHORS = ['text', 'contains', 'pattern', 'alt', 'title', 'picture', 'shape', 'color'];
  const inside = (root, scope, t) => {
    if (scope.says === undefined) {
      const found = [...new Set(find(root, { ...scope, wants: 'any' }).flatMap((s) => matches(s, t)))];
      if (found.length || scope.role || !ANCHORS.some((k) => scope[k] !== undefined)) return found;
    }
    const word = scope.says !== undefined ? scope.says : scope.text || scope.contains;
    for (const eq of word === undefined ? [] : both(word)) {
      const named = innermost(select(root, '*').filter((e) => SCOPES.has(role(e)) && shown(e) && eq(name(e))));
      const found = [...new Set(named.flatMap((s) => matches(s, t)))];
      if (found.length) return found;
    }
    const out = [];
    for (const anchor of find(root, { ...scope, wants: 'any' })) {
      for (let e = anchor; e && e !== document.body; e = parent(e)) {
        const found = matches(e, t);
        if (found.length) { out.push(...found); break; }
      }
    }
    return [...new Set(out)];
  };
  const find = (root, t) => {
    const { in: scope, near, nth, row, ...own } = t;
    const alone = row && !Object.keys(own).some((k) => !['wants', 'hidden'].includes(k));
    const inner = alone ? { ...own, row } : own;
    let list;
    if (row && !alone) {
      const bound = scope ? inside(root, scope, { row }) : rowsLike(root, row);
      list = [...new Set(bound.flatMap((r) => matches(r, inner)))];
    } else list = scope ? inside(root, scope, inner) : matches(root, inner);
    if (near) list = nearest(list, find(root, { ...near, wants: 'any' }));
    if (nth === undefined) return t.focused || t.iframe !== undefined ? list : reachable(list);
    const ordered = inOrder(list);
    const i = nth === 'first' ? 0 : nth === 'last' ? ordered.length - 1 : nth < 0 ? ordered.length + nth : nth - 1;
    return ordered[i] ? [ordered[i]] : [];
  };
  const inOrder = (list) => [...list].sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : a === b ? 0 : 1));

  const parse = (body) => JSON.parse(body);
  return {
    query: (root, body) => inOrder(find(root, parse(body)))[0] || null,
    queryAll: (root, body) => inOrder(find(root, parse(body))),
    find, inOrder, shown, role, name, labels, textOf, valueOf, cellText, grid, closest, contains, select, parent, testId, clean, loose,
    FIELD, PRESSED, isField, SCOPES, GRID, matchesNumber: numbers, box, isGrid,
    looks,
  };
})()
