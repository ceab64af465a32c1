/* The room of a hearing by the keyboard: 1 confirm, 2 valid, 3 another inciso, Enter saves; arrows go to other registros. */
"use strict";
(() => {
  const form = document.getElementById("decision");
  const typing = (where) => where instanceof HTMLElement && (where.matches("textarea, select, [type=text]") || where.isContentEditable);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (typing(event.target)) return;
    const link = document.querySelector(`#sala [data-ir="${event.key}"]`);
    if (link) {
      event.preventDefault();
      link.click();
      return;
    }
    if (!form) return;
    const option = /^[123]$/.test(event.key) ? form.querySelector(`[data-tecla="${event.key}"]`) : null;
    if (option) {
      event.preventDefault();
      option.checked = true;
      option.focus();
      if (event.key === "3") form.querySelector("select").focus();
      return;
    }
    if (event.key === "Enter" && !(event.target instanceof HTMLElement && event.target.closest("a, button, summary"))) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  // A decision is sent once, however often Enter is pressed while it is on its way.
  let sent = false;
  form?.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
})();
