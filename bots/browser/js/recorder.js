// Listens to what a person does and tells it as targets of our language. Installed in every page while recording.
(rpa, naming) => {
  if (window.__rpaRecording) return;
  window.__rpaRecording = true;
  const { targets, best } = naming(rpa);
  const tell = (verb, el, more) => {
    const found = targets(el);
    const target = best(el, found);
    if (target) window.__rpaTell({ verb, target, ladder: found, ...more });
  };
  const acted = (el) => rpa.closest(el, (e) => e.matches && e.matches(rpa.PRESSED)) || el;
  document.addEventListener('click', (event) => {
    if (!event.isTrusted) return;
    const el = acted(event.composedPath()[0]);
    if (el.nodeType !== 1 || el.matches('html,body,input:not([type=submit]):not([type=button]):not([type=reset]),textarea,select,option')) return;
    if (rpa.closest(el, (e) => e.tagName === 'LABEL')) return; // the field it belongs to tells it
    tell('click', el, {});
  }, true);
  document.addEventListener('change', (event) => {
    const el = event.composedPath()[0];
    if (el.type === 'checkbox' || el.type === 'radio') tell(el.checked ? 'check' : 'uncheck', el, {});
    else if (el.tagName === 'SELECT') tell('select', el, { value: [...el.selectedOptions].map((o) => rpa.clean(o.textContent)).join(', ') });
    else if (el.type === 'file') tell('upload', el, { value: [...el.files].map((f) => f.name).join(', ') });
    else tell('fill', el, { value: el.type === 'password' ? '' : el.value, secret: el.type === 'password' });
  }, true);
  document.addEventListener('keydown', (event) => {
    const el = event.composedPath()[0];
    if (event.key === 'Enter' && el.tagName === 'INPUT') { el.dispatchEvent(new Event('change', { bubbles: true })); tell('press', el, { value: 'Enter' }); }
  }, true);
}
