/* "Show" beside a password field: data-reveal holds the id of the field. Comes with each of them, so it may run twice. */
for (const button of document.querySelectorAll("[data-reveal]")) {
  button.onclick = () => {
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
}
