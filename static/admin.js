/* What scripts add to the desk. Loaded deferred; each form works without. */
(() => {
  "use strict";

  // The editor brings a <style>, which the policy of the site would refuse and report. It first looks whether there is
  // one: this is one by name, of no namespace, so that it styles nothing. The rules stand in admin.css.
  const style = document.createElementNS(null, "style");
  style.setAttribute("data-tiptap-style", "");
  document.head.append(style);

  // The focal point: a click on a picture writes its place, in percent, into the two number fields beside it.
  const focal = (picture, x, y) => {
    const frame = document.createElement("span");
    const dot = document.createElement("span");
    frame.className = "focal";
    dot.className = "dot";
    picture.replaceWith(frame);
    frame.append(picture, dot);
    const show = () => {
      dot.style.left = `${x.value || 50}%`;
      dot.style.top = `${y.value || 50}%`;
    };
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      x.value = Math.round((100 * (event.clientX - box.left)) / box.width);
      y.value = Math.round((100 * (event.clientY - box.top)) / box.height);
      for (const field of [x, y]) field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const field of [x, y]) field.addEventListener("input", show);
    show();
  };
  const focalFields = (within) => within.querySelectorAll("[name$=focal_x], [name$=focal_y]");
  for (const picture of document.querySelectorAll("img[data-focal]")) {
    const fields = focalFields(picture.closest("fieldset"));
    if (fields.length === 2) focal(picture, ...fields);
  }

  // A chosen file is shown before it is sent, as a canvas: the policy of the site allows no blob: addresses.
  for (const input of document.querySelectorAll("input[type=file][data-upload]")) {
    input.addEventListener("change", async () => {
      const fieldset = input.closest("fieldset");
      fieldset.querySelector(".focal.fresh")?.remove();
      const file = input.files[0];
      if (!file) return;
      const image = await createImageBitmap(file, { resizeWidth: 720, resizeQuality: "medium" }).catch(() => null);
      if (!image) return;
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d").drawImage(image, 0, 0);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", file.name);
      input.closest(".form-row").append(canvas);
      focal(canvas, ...focalFields(fieldset));
      canvas.parentElement.classList.add("fresh");
    });
  }

  // The picture that was just chosen in the library. Django's popup tells jQuery, not the document.
  for (const library of document.querySelectorAll("[data-library]")) {
    const field = library.querySelector("input");
    django.jQuery(field).on("change", async () => {
      const chosen = library.querySelector(".chosen");
      chosen.hidden = true;
      if (!/^\d+$/.test(field.value)) return;
      const answer = await fetch(library.dataset.library.replace("/0/", `/${field.value}/`));
      if (!answer.ok) return;
      const picture = await answer.json();
      chosen.querySelector("img").src = picture.thumbnail;
      chosen.querySelector(".words").textContent = picture.words;
      chosen.querySelector(".credit").textContent = picture.credit;
      chosen.hidden = false;
    });
  }

  // The window in which the editor's text gets a picture: tell the window that opened it.
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      const number = new URLSearchParams(location.search).get("CKEditorFuncNum");
      const { pick, alt, caption } = button.dataset;
      opener?.CKEDITOR?.tools.callFunction(number, pick, { alternative_text: alt, caption });
      close();
    });
  }

  // Fields that Django's admin and the editor leave without a name: those in tables take their column's, dates and times
  // the words before them, and all of them that of their row.
  const words = (element) => element?.textContent.trim().replace(/[:?]$/, "") ?? "";
  const nameFields = (within) => {
    const fields = within.querySelectorAll("input, select, textarea, [role=textbox], [role=combobox]");
    for (const field of fields) {
      if (field.type === "hidden" || field.labels?.length || field.ariaLabel) continue;
      const cell = field.closest("td");
      const column = cell?.closest("table").tHead?.rows[0].cells[cell.cellIndex];
      const row = field.closest(".form-row")?.querySelector("label, legend");
      const before = field.closest(".datetime") ? field.previousSibling?.textContent.trim().replace(/:$/, "") : "";
      field.ariaLabel = [words(column) || words(row), before].filter(Boolean).join(", ");
    }
  };
  document.addEventListener("prose-editor:ready", (event) => nameFields(event.target.closest(".form-row")));
  document.addEventListener("formset:added", (event) => setTimeout(nameFields, 0, event.target));
  // After Django's own scripts, which make some of these fields.
  if (window.django?.jQuery) django.jQuery(() => nameFields(document));
  for (const head of document.querySelectorAll("th.original:empty")) head.replaceWith(document.createElement("td"));

  // Words that were typed and not saved are not left by accident.
  const form = document.getElementById("article_form");
  if (form) {
    let typed = false;
    form.addEventListener("input", () => { typed = true; });
    form.addEventListener("submit", () => { typed = false; });
    addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
  }
})();
