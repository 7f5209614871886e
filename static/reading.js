/* Reading, for everybody. */
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (ident) => document.getElementById(ident);

  // Where storage is full or forbidden, nothing is remembered.
  const store = (key, value) => {
    try {
      if (value === undefined) return JSON.parse(localStorage.getItem(`rostrum:${key}`));
      if (value === null) localStorage.removeItem(`rostrum:${key}`);
      else localStorage.setItem(`rostrum:${key}`, JSON.stringify(value));
    } catch {}
  };
  // To screen readers, which hear no words twice
  const said = document.querySelector("[data-said]");
  const say = (text) => {
    if (!said) return;
    said.textContent = "";
    setTimeout(() => (said.textContent = text), 50);
  };
  const headers = () => ({ "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) });
  const counted = ({ dataset }, number) => (number === 1 ? dataset.one : dataset.many.replace("%d", number));
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const bring = async (address) => parse(await (await fetch(address)).text());
  const land = (element) => {
    reveal(element);
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  };
  window.rostrum = { all, byId, store, say, headers, land, parse, bring };

  const section = byId("discussion");
  if (!section) return;
  const { discussion: id, member, live } = section.dataset;
  const find = (selector) => section.querySelector(selector);
  const on = (selector, act) =>
    section.addEventListener("click", (event) => {
      const button = event.target.closest(selector);
      if (button) act(button, event);
    });
  const body = find(".disc-body");

  on(".sortbar nav a:not([href*=featured])", (link) => store("sort", link.search));
  const isAsked = location.search || location.hash.startsWith("#c-") || all(".messages")[0];
  if (!isAsked && store("sort")) location.search = store("sort");

  // Folds, for 30 days
  const folds = store("folds") || {};
  for (const key in folds) if (Date.now() - folds[key][0] > 2592e6) delete folds[key];
  let [, folded, onlyRoots] = folds[id] || [0, [], false];
  const branches = () => all(".branch", body);
  const showFolds = () => {
    body.classList.toggle("only-roots", onlyRoots);
    for (const button of all("[data-fold]", section))
      button.ariaPressed = button.dataset.fold === "roots" ? onlyRoots : branches().every((branch) => !branch.open);
  };
  const keepFolds = () => {
    for (const { open, parentElement } of branches()) {
      folded = folded.filter((ident) => ident !== parentElement.id);
      if (!open) folded.push(parentElement.id);
    }
    folds[id] = [Date.now(), folded.slice(-500), onlyRoots];
    store("folds", folds);
    showFolds();
  };
  function reveal(element) {
    for (let at = element; (at = at.parentElement?.closest(".branch")); ) {
      at.open = true;
      onlyRoots = false;
    }
    showFolds();
  }
  for (const branch of branches()) if (folded.includes(branch.parentElement.id)) branch.open = false;
  const arrive = (act) => {
    const target = location.hash.startsWith("#c-") && byId(location.hash.slice(1));
    if (target) act(target);
  };
  showFolds();
  arrive(land);
  addEventListener("hashchange", () => arrive(reveal));
  body.addEventListener("toggle", keepFolds, true);
  on("[data-fold]", (button) => {
    const pressed = button.ariaPressed !== "true";
    if (button.dataset.fold === "roots") onlyRoots = pressed;
    else for (const branch of branches()) branch.open = !pressed;
    keepFolds();
  });

  // New since the last visit: for members the server marks it
  const comments = () => all(".c", body);
  const fresh = () => all(".is-new", body);
  let note = () => fetch(`/discussions/${id}/read/`, { method: "POST", headers: headers() }).catch(() => {});
  if (!member) {
    const number = (comment) => comment.querySelector(":scope > .c-card") && +comment.id.slice(2); // which rises
    const seen = store("read") || {};
    const [before, newest, at] = seen[id] || [];
    const latest = Math.max(newest || 0, ...comments().map(number));
    const since = at ? (Date.now() - at > 6e5 ? newest : before) : latest;
    const mark = () => comments().forEach((comment) => comment.classList.toggle("is-new", number(comment) > since));
    mark();
    body.addEventListener("htmx:load", mark);
    note = () => {
      seen[id] = [since, latest, Date.now()];
      store("read", Object.fromEntries(Object.entries(seen).sort((a, b) => b[1][2] - a[1][2]).slice(0, 50)));
    };
    const jump = find("[data-jump]");
    if (jump && fresh()[0]) {
      jump.firstElementChild.textContent = counted(jump, fresh().length);
      jump.href = `#${fresh()[0].id}`;
      jump.hidden = false;
    }
  }
  new IntersectionObserver((entries, observer) => {
    if (!entries.at(-1).isIntersecting) return;
    observer.disconnect();
    note();
  }).observe(body);

  // More in place
  on(".continue a, .more a", async (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.ariaBusy) return;
    link.ariaBusy = true;
    try {
      const page = await bring(link);
      const under = new URL(link).searchParams.get("at");
      const [here, there] = [document, page].map((one) => one.querySelector(under ? `#c-${under} > .branch` : ".disc-body"));
      const came = [...there.querySelector(".thread").children].filter(({ id }) => !byId(id));
      if (!under) find(".outline ol").append(...all(".outline li", page));
      here?.querySelector(".thread").append(...came);
      link.parentElement.replaceWith(here ? "" : there, page.querySelector(".more") || "");
      body.dispatchEvent(new Event("htmx:load", { bubbles: true }));
      land(came[0]);
    } catch {
      location = link;
    }
  });

  const keys = find("[data-keys]");
  if (keys) {
    find("[data-when-new]").hidden = !fresh()[0];
    keys.checked = store("keys") !== "off";
    keys.onchange = () => store("keys", keys.checked ? null : "off");
  }
  const go = (step) => {
    const here = document.activeElement.closest(".c") || comments().findLast((c) => c.getBoundingClientRect().top < 1);
    const lies = (comment) => (here ? here.compareDocumentPosition(comment) & (step > 0 ? 4 : 2) : step > 0);
    const next = fresh()[step > 0 ? "find" : "findLast"](lies);
    if (next) land(next);
    else say(said.dataset.last);
  };
  on("[data-go]", (button) => go(+button.dataset.go));
  addEventListener("keydown", (event) => {
    const step = { n: 1, p: -1 }[event.key];
    if (!step || !keys?.checked || event.ctrlKey || event.metaKey || event.altKey || !fresh()[0]) return;
    if (!event.target.matches("input, textarea, select")) go(step);
  });

  // How many came since
  const link = find("[data-live-link]");
  if (!link) return;
  const [SOON, LATE, IDLE] = [3e4, 3e5, 18e5];
  let wait = SOON, etag = "", first, active = Date.now(), timer;
  const isIdle = () => Date.now() - active > IDLE;
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden || isIdle()) return; // again when somebody is here
    const answer = await fetch(live, { cache: "no-store", headers: { "If-None-Match": etag } }).catch(() => ({}));
    if (answer.status === 200) {
      const { count, newest } = await answer.json();
      etag = answer.headers.get("ETag");
      wait = SOON;
      first ??= newest;
      const more = Math.max(count - find("[data-comment-count]").dataset.commentCount, +(newest > first));
      const text = more > 0 ? counted(link, more) : "";
      if (text && link.hidden) say(text);
      link.firstElementChild.textContent = text;
      link.hidden = !text;
    } else wait = Math.min(wait * (answer.status === 304 ? 1.25 : 2), LATE);
    timer = setTimeout(ask, wait);
  };
  for (const kind of ["pointerdown", "keydown", "scroll"])
    addEventListener(kind, () => {
      if (isIdle()) setTimeout(ask);
      active = Date.now();
    });
  document.addEventListener("visibilitychange", ask);
  timer = setTimeout(ask, wait);
})();
