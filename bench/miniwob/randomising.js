// Gives every id and class another name in the page, while the page's own scripts go on to use theirs: names are changed
// on their way in (setters, selectors) and back on their way out (getters). A random word for each name and seed.
(() => {
  const seed = new URLSearchParams(location.search).get('seed') || '0';
  const ours = new Map();
  const theirs = new Map();
  const word = (name) => {
    let h = 2166136261;
    for (const c of seed + '/' + name) h = Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0;
    return 'r' + h.toString(36) + name.length;
  };
  const put = (name) => {
    if (!name || theirs.has(name)) return name;
    if (!ours.has(name)) { const w = word(name); ours.set(name, w); theirs.set(w, name); }
    return ours.get(name);
  };
  const get = (name) => (theirs.has(name) ? theirs.get(name) : name);
  const each = (text, way) => (text == null ? text : String(text).replace(/[^\s]+/g, way));
  const IDS = new Set(['id', 'class', 'for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'aria-activedescendant']);
  const links = (name, value, way) => (name === 'href' && /^#[\w-]+$/.test(value || '') ? '#' + way(value.slice(1)) : value);
  const inward = (name, value) => (IDS.has(name) ? each(value, put) : links(name, value, put));
  const outward = (name, value) => (IDS.has(name) ? each(value, get) : links(name, value, get));
  // `#name` and `.name` outside quotes and brackets; [id=…] and [class…=…] with whole names.
  const selector = (css) => String(css).replace(/"[^"]*"|'[^']*'|\[[^\]]*\]|([#.])(-?[A-Za-z_][\w-]*)/g, (all, mark, name) => {
    if (mark) return mark + put(name);
    const part = /^\[\s*(id|for|class)\s*(~?=)\s*["']?([^"'\]]+)["']?\s*\]$/.exec(all);
    return part ? `[${part[1]}${part[2]}"${each(part[3], put)}"]` : all;
  });
  const wrap = (owner, name, make) => {
    const had = owner && owner[name];
    if (had) owner[name] = make(had);
  };
  const property = (owner, name, set, read) => {
    const had = Object.getOwnPropertyDescriptor(owner, name);
    if (had) Object.defineProperty(owner, name, { ...had, get() { return read(had.get.call(this), this); },
      set(value) { had.set.call(this, set(value, this)); } });
  };
  const proto = Element.prototype;
  const raw = { get: proto.getAttribute, set: proto.setAttribute };
  proto.setAttribute = function (name, value) { return raw.set.call(this, name, inward(String(name).toLowerCase(), String(value))); };
  proto.getAttribute = function (name) { return outward(String(name).toLowerCase(), raw.get.call(this, name)); };
  wrap(proto, 'setAttributeNS', (had) => function (ns, name, value) { return had.call(this, ns, name, inward(name, String(value))); });
  property(proto, 'id', put, get);
  property(proto, 'className', (v) => each(v, put), (v) => (typeof v === 'string' ? each(v, get) : v));
  property(HTMLLabelElement.prototype, 'htmlFor', put, get);
  property(Attr.prototype, 'value', (v, a) => inward(a.name, String(v)), (v, a) => outward(a.name, v));
  property(HTMLAnchorElement.prototype, 'hash', (v) => v, (v) => '#' + get(v.slice(1)));
  property(HTMLAnchorElement.prototype, 'href', (v) => v, (v) => v.replace(/#([\w-]+)$/, (_, name) => '#' + get(name)));
  property(SVGAnimatedString.prototype, 'baseVal', (v) => each(v, put), (v) => each(v, get));
  for (const name of ['add', 'remove', 'contains', 'toggle', 'replace']) {
    wrap(DOMTokenList.prototype, name, (had) => function (...names) {
      return had.apply(this, names.map((n) => (typeof n === 'string' ? put(n) : n)));
    });
  }
  const fresh = (root) => {
    for (const el of root.querySelectorAll ? raw.all.call(root, '*') : []) rename(el);
  };
  raw.all = proto.querySelectorAll;
  const rename = (el) => {
    for (const { name } of [...el.attributes]) {
      const value = raw.get.call(el, name);
      const now = inward(name, value);
      if (now !== value) raw.set.call(el, name, now);
    }
    if (el.tagName === 'STYLE' && !el.dataset.renamed) { el.dataset.renamed = '1'; el.textContent = styles(el.textContent); }
  };
  const styles = (css) => css.replace(/([^{}]+)\{/g, (all, head) => (head.trim().startsWith('@') ? all : selector(head) + '{'));
  const html = Object.getOwnPropertyDescriptor(proto, 'innerHTML');
  Object.defineProperty(proto, 'innerHTML', { ...html, get() { return back(html.get.call(this)); },
    set(text) { html.set.call(this, text); raw.all.call(this, '*').forEach(rename); } });
  const back = (text) => text.replace(/\b(id|class|for)="([^"]*)"/g, (_, name, value) => `${name}="${each(value, get)}"`);
  wrap(proto, 'insertAdjacentHTML', (had) => function (where, text) {
    had.call(this, where, text);
    fresh(this.parentNode || this);
    fresh(this);
  });
  for (const owner of [Document.prototype, proto, DocumentFragment.prototype]) {
    for (const name of ['querySelector', 'querySelectorAll', 'matches', 'closest', 'webkitMatchesSelector']) {
      if (Object.hasOwn(owner, name)) wrap(owner, name, (had) => function (css) { return had.call(this, selector(css)); });
    }
    wrap(owner, 'getElementsByClassName', (had) => function (names) { return had.call(this, each(names, put)); });
    if (Object.hasOwn(owner, 'getElementById')) wrap(owner, 'getElementById', (had) => function (id) { return had.call(this, put(id)); });
  }
  // What the parser itself puts into the page: before any script of the page looks at it.
  const seen = new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      if (node.nodeType === 1) { rename(node); raw.all.call(node, '*').forEach(rename); }
    }
  });
  seen.observe(document, { childList: true, subtree: true });
  const sheets = () => {
    for (const link of raw.all.call(document.documentElement, 'link[rel=stylesheet]')) {
      if (link.dataset.renamed) continue;
      link.dataset.renamed = '1';
      const ask = new XMLHttpRequest();
      ask.open('GET', link.href, false);
      ask.send();
      const style = document.createElement('style');
      style.dataset.renamed = '1';
      style.textContent = styles(ask.responseText).replace(/url\((["']?)(?!data:|https?:|\/)/g, (_, q) => `url(${q}${link.href.replace(/[^/]*$/, '')}`);
      link.replaceWith(style);
    }
  };
  document.addEventListener('DOMContentLoaded', () => { seen.disconnect(); raw.all.call(document.documentElement, '*').forEach(rename); sheets(); });
})();
