/* What scripts add to pages that work without them. Loaded deferred; nothing here is needed to read, post or sign in. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // After a refused form, its summary is the first thing to read. Also in pieces that htmx brings.
  const focusSummary = (within) =>
    (within.matches?.(".error-summary") ? within : within.querySelector(".error-summary"))?.focus();
  focusSummary(document);
  document.addEventListener("htmx:load", (event) => focusSummary(event.target));

  // Menus close when the reader turns elsewhere.
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // "Show" beside a password field: data-reveal holds the id of the field. Its label is in the page's language.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });

  // A link to a comment leads the keyboard there as well.
  const target = location.hash.startsWith("#c-") && document.getElementById(location.hash.slice(1));
  if (target) {
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }
})();
