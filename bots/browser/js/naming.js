// Every way in which a flow could name an element, best first, with how many things on the page fit it.
(rpa) => {
  const one = (spec) => rpa.find(document, spec).length;
  const ladder = (el) => {
    const out = [];
    const label = (rpa.labels(el)[0] || '').replace(/[\s:：*]+$/, '');
    const name = rpa.name(el).slice(0, 120);
    const role = rpa.role(el);
    const row = rpa.closest(el, (e) => e.matches('tr,[role=row]'));
    if (label && rpa.isField(el)) out.push({ label });
    if (role && name && !rpa.isField(el)) out.push({ role, name });
    if (el.placeholder) out.push({ placeholder: el.placeholder });
    if (el.title) out.push({ title: el.title });
    if (rpa.testId(el)) out.push({ test_id: rpa.testId(el) });
    const text = rpa.textOf(el);
    if (!rpa.isField(el) && text && text.length < 80) out.push({ text });
    const scoped = row && out[0] ? inRow(row, out[0]) : null;
    const area = rpa.closest(rpa.parent(el), (e) => rpa.SCOPES.has(rpa.role(e)) && !e.matches('tr,[role=row]') && rpa.name(e));
    if (scoped) out.unshift(scoped);
    else if (area && out[0] && one(out[0]) > 1) out.unshift({ ...out[0], in: { role: rpa.role(area), name: rpa.name(area) } });
    if (!out.length && el.id && !/\d{3,}/.test(el.id)) out.push({ css: '#' + CSS.escape(el.id) });
    return out;
  };
  const inRow = (row, own) => {
    const table = rpa.closest(row, rpa.isGrid);
    if (!table || one(own) < 2) return null;
    const { columns, rows } = rpa.grid(table);
    const found = rows.find((r) => r.el === row);
    if (!found) return null;
    for (let i = 0; i < found.cells.length; i += 1) {
      const column = (columns[i] || []).join(' ');
      const cell = found.cells[i] ? rpa.cellText(found.cells[i]) : '';
      const row_ = { [column]: { t: cell } };
      if (column && cell && one({ row: row_ }) === 1) return { ...own, row: { [column]: cell } };
    }
    return null;
  };
  const specOf = (t) => (t.row ? { ...t, row: Object.fromEntries(Object.entries(t.row).map(([k, v]) => [k, { t: v }])) } : t);
  const targets = (el) => ladder(el).map((t) => ({ target: t, matches: one(specOf(t)) }));
  const nth = (el, t) => rpa.inOrder(rpa.find(document, specOf(t))).indexOf(el) + 1;
  // The first way that fits nothing else on the page, else the first way with its place among those that fit.
  const best = (el, found) => {
    const unique = found.find((f) => f.matches === 1);
    return unique ? unique.target : found[0] ? { ...found[0].target, nth: nth(el, found[0].target) } : null;
  };
  return { targets, best };
}
