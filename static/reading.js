/* What scripts add to reading a discussion, for everybody: folds that are remembered, what is new, how many came since. */
(() => {
  "use strict";
  const DAY = 864e5;

  // What this browser remembers. Storage may be full or forbidden: then it remembers nothing.
  const store = {
    get(key) {
      try {
        return JSON.parse(localStorage.getItem(`rostrum:${key}`));
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value === null) localStorage.removeItem(`rostrum:${key}`);
        else localStorage.setItem(`rostrum:${key}`, JSON.stringify(value));
      } catch {}
    },
  };
  // Told to screen readers. A change of text alone is not always heard, so it is emptied first.
  const said = document.querySelector("[data-said]");
  const say = (text) => {
    if (!said) return;
    said.textContent = "";
    setTimeout(() => (said.textContent = text), 50);
  };
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const counted = (element, number) =>
    number === 1 ? element.dataset.one : element.dataset.many.replace("%d", number);
  window.rostrum = { store, say, csrf, reveal };

  const section = document.querySelector("[data-discussion]");
  if (!section) return;
  const id = section.dataset.discussion;
  const body = section.querySelector(".disc-body");
  const find = (selector) => section.querySelector(selector);

  // Folds: of each article the folded comments, for 30 days ----------------------------------------------------------
  const folds = Object.fromEntries(
    Object.entries(store.get("folds") || {}).filter(([, [time]]) => Date.now() - time < 30 * DAY),
  );
  let [, folded, onlyRoots] = folds[id] || [0, [], false];
  const branches = () => [...body.querySelectorAll(".branch")];
  const owner = (branch) => branch.parentElement.id;
  const foldButton = (kind) => find(`[data-fold="${kind}"]`);

  const showFolds = () => {
    body.classList.toggle("only-roots", onlyRoots);
    foldButton("roots")?.setAttribute("aria-pressed", String(onlyRoots));
    foldButton("all")?.setAttribute("aria-pressed", String(branches().every((branch) => !branch.open)));
  };
  const keepFolds = () => {
    const here = new Set(branches().map(owner));
    const closed = branches().filter((branch) => !branch.open).map(owner);
    folded = [...folded.filter((ident) => !here.has(ident)), ...closed].slice(-500);
    if (folded.length || onlyRoots) folds[id] = [Date.now(), folded, onlyRoots];
    else delete folds[id];
    store.set("folds", folds);
    showFolds();
  };
  // Open what hides an element.
  function reveal(element) {
    for (let at = element?.parentElement; at; at = at.parentElement) if (at.matches(".branch")) at.open = true;
    if (onlyRoots && element?.closest(".branch")) {
      onlyRoots = false;
      keepFolds();
    }
  }
  for (const branch of branches()) if (folded.includes(owner(branch))) branch.open = false;
  const revealTarget = () => location.hash.startsWith("#c-") && reveal(document.getElementById(location.hash.slice(1)));
  revealTarget();
  showFolds();
  addEventListener("hashchange", revealTarget);
  body.addEventListener("toggle", (event) => event.target.matches(".branch") && keepFolds(), true);
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (!button) return;
    const pressed = button.getAttribute("aria-pressed") !== "true";
    if (button.dataset.fold === "roots") onlyRoots = pressed;
    else for (const branch of branches()) branch.open = !pressed;
    keepFolds();
  });

  // New since the last visit: for members the server marks it, for guests this browser --------------------------------
  const member = section.dataset.member;
  const comments = () => [...body.querySelectorAll(".c")];
  const posted = (comment) =>
    Date.parse(comment.querySelector(":scope > .c-card > .c-head time")?.getAttribute("datetime")) || 0;
  const fresh = () => comments().filter((comment) => comment.matches(".is-new"));
  let note = () => {};
  if (!member) {
    const seen = store.get("seen") || {};
    const [before, newest, at] = seen[id] || [];
    const latest = Math.max(newest || 0, ...comments().map(posted));
    // Views within ten minutes are one visit.
    const since = at === undefined ? latest : Date.now() - at > 6e5 ? newest : before;
    for (const comment of comments()) if (posted(comment) > since) comment.classList.add("is-new");
    note = () => {
      seen[id] = [since, latest, Date.now()];
      const kept = Object.entries(seen).sort((a, b) => b[1][2] - a[1][2]).slice(0, 50);
      store.set("seen", Object.fromEntries(kept));
    };
    const jump = find("[data-jump]");
    if (jump && fresh().length) {
      jump.firstElementChild.textContent = counted(jump, fresh().length);
      jump.href = `#${fresh()[0].id}`;
      jump.hidden = false;
    }
  } else {
    note = () =>
      fetch(`/discussions/${id}/read/`, { method: "POST", headers: { "HX-Request": "true", ...csrf() } }).catch(() => {});
  }
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    note();
  }).observe(body);

  // To the next new comment and back, by buttons and by the keys n and p.
  const aids = find("[data-when-new]");
  const keys = find("[data-keys]");
  if (aids) aids.hidden = !fresh().length;
  if (keys) {
    keys.checked = store.get("keys") !== "off";
    keys.addEventListener("change", () => store.set("keys", keys.checked ? null : "off"));
  }
  const go = (step) => {
    const all = fresh();
    const here = document.activeElement.closest(".c") || comments().findLast((c) => c.getBoundingClientRect().top < 1);
    const isAfter = (comment) => here && here.compareDocumentPosition(comment) & Node.DOCUMENT_POSITION_FOLLOWING;
    const isBefore = (comment) => here && here.compareDocumentPosition(comment) & Node.DOCUMENT_POSITION_PRECEDING;
    const next = step > 0 ? all.find((comment) => !here || isAfter(comment)) : all.findLast(isBefore);
    if (!next) return say(said.dataset.last);
    reveal(next);
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView();
  };
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go]");
    if (button) go(Number(button.dataset.go));
  });
  document.addEventListener("keydown", (event) => {
    const step = { n: 1, p: -1 }[event.key];
    if (!step || !keys?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || !fresh().length) return;
    event.preventDefault();
    go(step);
  });

  // How many came since: asked every 30 s while somebody looks, more rarely while nothing happens. Nothing moves.
  const link = find("[data-live-link]");
  if (!link || !section.dataset.live) return;
  const [SOON, LATE, IDLE] = [3e4, 3e5, 18e5];
  const shown = () => Number(find("[data-comment-count]").dataset.commentCount);
  let wait = SOON, etag = "", first, active = Date.now(), timer;
  for (const kind of ["pointerdown", "keydown", "scroll"])
    addEventListener(kind, () => {
      const slept = Date.now() - active > IDLE;
      active = Date.now();
      if (slept) ask();
    }, { passive: true });
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };
  async function ask() {
    clearTimeout(timer);
    if (document.hidden || Date.now() - active > IDLE) return; // asked again when somebody is here
    try {
      const answer = await fetch(section.dataset.live, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag");
        wait = SOON;
        const { count, newest } = await answer.json();
        first ??= newest;
        const more = Math.max(count - shown(), newest > first ? 1 : 0);
        if (more > 0) {
          if (link.hidden) say(counted(link, more));
          link.firstElementChild.textContent = counted(link, more);
        }
        link.hidden = more <= 0;
      } else wait = Math.min(wait * (answer.status === 304 ? 1.25 : 2), LATE);
    } catch {
      wait = Math.min(wait * 2, LATE);
    }
    later();
  }
  later();
})();
