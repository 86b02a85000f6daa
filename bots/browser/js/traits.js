// What an element looks like, for recognising it again: a function of our engine.
(rpa) => {
  const KINDS = rpa.FIELD + ',' + rpa.PRESSED + ',dd,td,output,h1,h2,h3,h4,[role]';
  const short = (text) => (text || '').slice(0, 80);
  const before = (el) => {
    for (let e = el; e && e !== document.body; e = rpa.parent(e)) {
      const words = e.previousElementSibling && rpa.textOf(e.previousElementSibling);
      if (words) return words;
    }
    return '';
  };
  const of = (el) => {
    const area = rpa.closest(rpa.parent(el), (e) => rpa.SCOPES.has(rpa.role(e)) && rpa.name(e));
    return {
      role: rpa.role(el) || el.tagName.toLowerCase(), name: short(rpa.name(el)), label: short(rpa.labels(el)[0]),
      test_id: rpa.testId(el) || '', id: /\d{3,}/.test(el.id) ? '' : el.id,
      name_attribute: short(el.getAttribute('name')), type: short(el.getAttribute('type')),
      placeholder: short(el.getAttribute('placeholder')), title: short(el.getAttribute('title')),
      near: short(before(el)), section: area ? short(rpa.name(area)) : '',
    };
  };
  return { of, all: () => rpa.select(document, KINDS).filter(rpa.shown).slice(0, 1500) };
}
