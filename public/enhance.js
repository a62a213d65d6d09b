// Small comforts for pages that work without them: Ctrl K reaches the search, Escape and a click
// elsewhere close an open menu, a link with data-dialog opens its dialog in place.
(() => {
  const open = () => document.querySelectorAll('details[data-pop][open]');
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      const field = document.querySelector('[data-shortcut="k"]');
      if (field && field.offsetParent) { event.preventDefault(); field.focus(); field.select(); }
    }
    if (event.key === 'Escape') open().forEach((menu) => { menu.open = false; menu.querySelector('summary').focus(); });
  });
  addEventListener('click', (event) => {
    open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const opener = event.target.closest?.('[data-dialog]');
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); dialog.showModal(); }
  });
})();
