/* What scripts add to every page; nothing here is needed to read, post or sign in. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  // A refused form's summary is read first, also in pieces that htmx brings.
  const focusSummary = (within) => within?.querySelector(".error-summary")?.focus();
  focusSummary(document);
  addEventListener("htmx:load", ({ target }) => focusSummary(target.parentNode));

  const openMenus = () => document.querySelectorAll("details[data-menu][open]");
  addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
