// Reads the calendar that a date field opened: which month it shows, and where its days and arrows are. Null when none.
(rpa) => {
  const NEXT = /^(next|forward|nächster?|weiter|suivant|siguiente|successivo|próximo|다음|次|>|›|→|»)/i;
  const BACK = /^(prev|back|vorher|zurück|précédent|anterior|precedente|이전|前|<|‹|←|«)/i;
  const YEAR = /year|jahr|année|año|anno|ano\b|년|年|»|«/i;
  const days = (grid) => {
    const cells = rpa.select(grid, 'td,[role=gridcell],[role=cell]').filter(rpa.shown);
    const numbered = cells.map((cell) => [cell, Number((/^\d{1,2}$/.exec(rpa.textOf(cell)) || [0])[0])]).filter(([, n]) => n >= 1 && n <= 31);
    const first = numbered.findIndex(([, n]) => n === 1);
    if (first < 0) return [];
    const after = numbered.findIndex(([, n], i) => i > first && n === 1);
    return numbered.slice(first, after < 0 ? undefined : after);
  };
  const languages = [...new Set([document.documentElement.lang, navigator.language, 'en', 'de', 'ko', 'fr', 'es', 'it', 'pt', 'nl'])].filter(Boolean);
  const months = languages.flatMap((lang) => ['long', 'short'].flatMap((month) => {
    try {
      const words = new Intl.DateTimeFormat(lang, { month, timeZone: 'UTC' });
      return Array.from({ length: 12 }, (_, i) => [words.format(new Date(Date.UTC(2024, i, 1))).toLowerCase().replace(/\.$/, ''), i + 1]);
    } catch { return []; }
  })).filter(([word]) => !/^\d+$/.test(word)).sort((a, b) => b[0].length - a[0].length);
  const monthOf = (text) => {
    const year = /(?:^|\D)((?:19|20)\d\d)(?:\D|$)/.exec(text);
    if (!year) return null;
    const low = text.toLowerCase();
    const word = months.find(([name]) => new RegExp('(^|[^\\p{L}\\p{N}])' + name + '($|[^\\p{L}])', 'u').test(low));
    const number = /(?:^|\D)(0?[1-9]|1[0-2])\s*(?:[월月./-]|$)/.exec(low.replace(year[1], ' '));
    const month = word ? word[1] : number ? Number(number[1]) : 0;
    return month ? [Number(year[1]), month] : null;
  };
  const said = (el) => [el.getAttribute('aria-label'), el.getAttribute('title'), rpa.textOf(el)].map((s) => rpa.clean(s)).filter(Boolean);
  const arrow = (area, pattern) => {
    const all = rpa.select(area, 'a,button,[role=button],span,th,div,i').filter((el) => rpa.shown(el) && said(el).some((s) => s.length < 40 && pattern.test(s)));
    const month = all.filter((el) => !said(el).some((s) => YEAR.test(s)));
    const list = month.length ? month : all;
    return list.find((el) => el.matches('a,button,[role=button]')) || list[0] || null;
  };
  for (const grid of rpa.select(document, rpa.GRID).filter(rpa.shown)) {
    const found = days(grid);
    if (found.length < 28) continue;
    for (let area = grid, n = 0; area && n < 6; area = rpa.parent(area), n += 1) {
      const chosen = rpa.select(area, 'select').map((s) => (s.selectedOptions[0] || {}).textContent || '').join(' ');
      const rest = area === grid ? rpa.textOf(grid).replace(/(\b\d{1,2}\b\s*){20,}/g, ' ') : rpa.textOf(area).replace(rpa.textOf(grid), ' ');
      const shows = monthOf(rest + ' ' + chosen) || monthOf(rest);
      if (shows) return { year: shows[0], month: shows[1], days: found, next: arrow(area, NEXT), back: arrow(area, BACK) };
    }
  }
  return null;
}
