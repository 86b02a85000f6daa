// What things look like when they have no words: the file name of a picture, a shape, a colour. `kit` holds what the
// engine already knows: clean, select, box, shown.
(kit) => {
  const { clean, select, box } = kit;

  // ---- pictures: the name of the file, without path and ending ---------------------------------------------------
  const stem = (address) => clean(decodeURIComponent(address.split(/[?#]/)[0].split('/').pop() || ''))
    .replace(/\.[a-z0-9]{2,5}$/i, '').toLowerCase();
  const urls = (css) => [...(css || '').matchAll(/url\("?([^")]+)"?\)/g)].map((m) => m[1]).filter((u) => !u.startsWith('data:'));
  // One file may hold many icons: then the place in it is part of a second name, `icons at -96px -112px`.
  const pictures = (el) => {
    const out = [];
    let at = '';
    if (el.tagName === 'IMG' || (el.tagName === 'INPUT' && el.type === 'image')) out.push(el.currentSrc || el.src || '');
    if (el.tagName === 'svg') {
      const use = el.querySelector('use');
      const link = use && (use.getAttribute('href') || use.getAttribute('xlink:href') || '');
      if (link) out.push(link.split('#').pop());
      if (el.dataset.icon) out.push(el.dataset.icon);
    }
    for (const layer of [null, '::before', '::after']) {
      const style = getComputedStyle(el, layer);
      if (layer && style.content === 'none') continue;
      out.push(...urls(style.content), ...urls(style.backgroundImage));
      at = style.backgroundImage !== 'none' && !/^0[^\d]* 0[^\d]*$/.test(style.backgroundPosition) ? style.backgroundPosition : at;
    }
    const names = out.filter((u) => u && !u.startsWith('data:')).map(stem);
    return at && names.length ? [...names, `${names[names.length - 1]} at ${at}`] : names;
  };
  const ofPicture = (root, want) => {
    const wanted = clean(want).toLowerCase();
    return select(root, '*').filter((el) => !el.closest('defs') && pictures(el).includes(wanted));
  };

  // ---- colours ---------------------------------------------------------------------------------------------------
  const rgb = (css) => {
    const m = /rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:[,/ ]+([\d.]+%?))?\)/.exec(css || '');
    return m && parseFloat(m[4] === undefined ? '1' : m[4]) > 0.1 ? [Number(m[1]), Number(m[2]), Number(m[3])] : null;
  };
  // What an element is painted with: its own surface, else its words.
  const paint = (el) => {
    const style = getComputedStyle(el);
    if (el instanceof SVGElement && el.tagName !== 'svg') return rgb(style.fill) || rgb(style.stroke);
    return rgb(style.backgroundColor) || (clean(el.textContent) ? rgb(style.color) : rgb(style.borderTopColor));
  };
  const HUES = [[15, 'red'], [42, 'orange'], [68, 'yellow'], [165, 'green'], [198, 'cyan'], [256, 'blue'], [290, 'purple'],
    [335, 'pink'], [361, 'red']];
  const family = ([r, g, b]) => {
    const [high, low] = [Math.max(r, g, b) / 255, Math.min(r, g, b) / 255];
    const light = (high + low) / 2;
    const range = high - low;
    if (light < 0.08) return 'black';
    if (light > 0.96) return 'white';
    if (range / (1 - Math.abs(2 * light - 1)) < 0.12) return 'grey';
    const [x, y, z] = [r / 255, g / 255, b / 255];
    const turn = high === x ? ((y - z) / range + 6) % 6 : high === y ? (z - x) / range + 2 : (x - y) / range + 4;
    return HUES.find(([end]) => turn * 60 < end)[1];
  };
  const named = (name) => {
    const probe = document.createElement('i');
    probe.style.color = clean(name).toLowerCase();
    if (!probe.style.color) return null;
    document.documentElement.append(probe);
    const found = rgb(getComputedStyle(probe).color);
    probe.remove();
    return found;
  };
  // Tests from narrow to wide: the very colour of that name, then any that a person would call so.
  const colours = (want) => {
    const exact = named(want);
    const kin = exact ? family(exact) : clean(want).toLowerCase();
    return [(el) => exact !== null && String(paint(el)) === String(exact), (el) => { const p = paint(el); return p !== null && family(p) === kin; }];
  };

  // ---- shapes: drawn ones, and boxes that are painted but say nothing ------------------------------------------------
  const painted = (style) => rgb(style.backgroundColor) !== null || style.backgroundImage !== 'none' ||
    (style.borderTopStyle !== 'none' && parseFloat(style.borderTopWidth) > 0 && rgb(style.borderTopColor) !== null);
  const speaks = (el) => {
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.data.trim() && parseFloat(getComputedStyle(node.parentElement).fontSize) > 0) return true;
    }
    return false;
  };
  const drawn = (el) => {
    const tag = el.tagName.toLowerCase();
    const b = box(el);
    const even = Math.abs(b.width - b.height) < 2;
    if (tag === 'circle' || tag === 'ellipse') return ['circle'];
    if (tag === 'rect') return even ? ['rectangle', 'square'] : ['rectangle'];
    if (tag === 'line' || tag === 'polyline') return ['line'];
    if (tag !== 'polygon') return [];
    const corners = (el.getAttribute('points') || '').trim().split(/[\s,]+/).length / 2;
    return [{ 3: 'triangle', 4: 'rectangle' }[corners] || 'polygon'];
  };
  const boxed = (el) => {
    if (el.matches('html,body,input,textarea,select,option,img,canvas,iframe,table,tr,td,th')) return [];
    const b = box(el);
    if (b.width < 4 || b.height < 4 || el.querySelector('input,textarea,select,img,svg,button')) return [];
    const style = getComputedStyle(el);
    if (!painted(style) || speaks(el)) return [];
    const even = Math.abs(b.width - b.height) < 2;
    if (parseFloat(style.borderTopLeftRadius) >= Math.min(b.width, b.height) / 2 || style.borderTopLeftRadius === '50%') return ['circle'];
    return even ? ['rectangle', 'square'] : ['rectangle'];
  };
  const shapes = (el) => (el instanceof SVGElement ? drawn(el) : boxed(el));
  const ofShape = (root, want) => select(root, '*').filter((el) => !(el.closest('defs,clipPath')) && shapes(el).some((s) => !want || want === 'any' || s === want));

  return { ofPicture, pictures, colours, paint, ofShape, shapes };
}
