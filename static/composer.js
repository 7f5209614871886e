/* What scripts add to writing in a discussion, for members: forms that open where the comment stands, drafts that outlive
   the page, formatting, counting, names. Every act works without them, by the links and forms that they start from. */
(() => {
  "use strict";
  const { store, say, csrf, reveal } = window.rostrum;
  const WEEK = 7 * 864e5;
  const asPiece = () => ({ "HX-Request": "true", ...csrf() });
  const plain = (event) => !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const area = (form) => form.querySelector("textarea[name=body]");
  const show = (form, name) => {
    for (const note of form.querySelectorAll("[data-failed], [data-expired]")) note.hidden = !note.matches(`[data-${name}]`);
  };

  // Drafts: one for each member, discussion and comment that is answered; for a week ---------------------------------
  const draftKey = (form) => form.dataset.draft && `draft:${form.dataset.draft}`;
  const drafts = () => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith("rostrum:draft:")).map((key) => key.slice(8));
    } catch {
      return [];
    }
  };
  for (const key of drafts()) if (!(Date.now() - store.get(key)?.at < WEEK)) store.set(key, null);
  const keepDraft = (form) => {
    const key = draftKey(form);
    const text = area(form).value;
    if (key) store.set(key, text.trim() ? { at: Date.now(), text } : null);
  };
  const restoreDraft = (form) => {
    const draft = draftKey(form) && store.get(draftKey(form));
    if (!draft || area(form).value) return;
    area(form).value = draft.text;
    form.querySelector("[data-kept]").hidden = false;
    form.closest("[data-write]")?.classList.add("has-draft");
  };
  const discardDraft = (form) => {
    store.set(draftKey(form), null);
    area(form).value = "";
    form.querySelector("[data-kept]").hidden = true;
    form.closest("[data-write]")?.classList.remove("has-draft");
    changed(area(form));
    area(form).focus();
  };
  const changed = (textarea) => textarea.dispatchEvent(new Event("input", { bubbles: true }));

  // Where the discussion has closed, what was begun is shown to be copied.
  const kept = document.querySelector("[data-kept-drafts]");
  if (kept) {
    const { discussion, member } = document.querySelector("[data-discussion]").dataset;
    const mine = drafts().filter((key) => key.startsWith(`draft:${member}:${discussion}:`));
    for (const key of mine) {
      const text = document.createElement("textarea");
      Object.assign(text, { className: "textarea", readOnly: true, value: store.get(key).text });
      text.setAttribute("aria-label", kept.querySelector("p").textContent);
      kept.querySelector("p").after(text);
    }
    kept.hidden = !mine.length;
    kept.querySelector("[data-forget]").addEventListener("click", () => {
      for (const key of mine) store.set(key, null);
      kept.hidden = true;
    });
  }

  // Counting: as the server counts, characters and not UTF-16 units; told to screen readers from 200 left ------------
  let telling;
  const count = (form) => {
    const place = form.querySelector("[data-count]");
    const textarea = area(form);
    const left = textarea.dataset.most - [...textarea.value].length;
    const { one, over } = place.dataset;
    place.textContent = left === 1 ? one : (left < 0 ? over : place.dataset.left).replace("%d", Math.abs(left).toLocaleString(document.documentElement.lang));
    place.classList.toggle("over", left < 0);
    clearTimeout(telling);
    if (left <= 200) telling = setTimeout(() => say(place.textContent), 1000);
  };

  const prepare = (form) => {
    const textarea = area(form);
    if (textarea.dataset.most) return;
    textarea.dataset.most = textarea.maxLength;
    textarea.removeAttribute("maxlength"); // a text pasted is not cut: the count says what is too much
    restoreDraft(form);
    count(form);
    if (textarea.value) changed(textarea);
  };
  const each = (within, selector, act) => {
    if (within.matches?.(selector)) act(within);
    within.querySelectorAll(selector).forEach(act);
  };
  const ready = (within) => {
    each(within, "[data-composer]", prepare);
    each(within, ".c:not(.is-own) > .c-card > .c-acts > .rec", (link) => {
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", String(link.closest(".c").matches(".is-recommended")));
    });
  };
  ready(document.body);
  document.addEventListener("htmx:load", (event) => ready(event.target));

  let keeping;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-composer]") || event.target.name !== "body") return;
    count(form);
    clearTimeout(keeping);
    keeping = setTimeout(() => form.isConnected && keepDraft(form), 300);
    suggest(event.target);
  });
  addEventListener("pagehide", () => document.querySelectorAll("[data-composer][data-draft]").forEach((form) => {
    if (area(form).value) keepDraft(form);
  }));

  // Writing into a field so that the browser can undo it.
  const insert = (textarea, text, from = textarea.selectionStart, to = textarea.selectionEnd) => {
    textarea.focus();
    textarea.setSelectionRange(from, to);
    if (document.execCommand("insertText", false, text)) return;
    textarea.setRangeText(text, from, to, "end");
    changed(textarea);
  };
  const FORMATS = {
    bold: (text) => ["**", text, "**"],
    italic: (text) => ["*", text, "*"],
    link: (text) => (/^https?:\S+$/.test(text) ? ["[", "", `](${text})`] : ["[", text, "](https://)"]),
  };
  const format = (textarea, name) => {
    const { selectionStart: from, selectionEnd: to, value } = textarea;
    const text = value.slice(from, to);
    if (name === "quote") {
      const start = value.lastIndexOf("\n", from - 1) + 1;
      return insert(textarea, value.slice(start, to).replace(/^/gm, "> "), start, to);
    }
    const [before, inside, after] = FORMATS[name](text);
    insert(textarea, before + inside + after);
    const end = from + before.length;
    // What is to be written next is selected: the words, or the address.
    if (name === "link" && inside) textarea.setSelectionRange(end + inside.length + 2, end + inside.length + 10);
    else textarea.setSelectionRange(end, end + inside.length);
  };
  const quote = (textarea, text) => {
    const { selectionStart: at, value } = textarea;
    const start = value.lastIndexOf("\n", at - 1) + 1;
    insert(textarea, (value.slice(start, at).trim() ? "\n\n" : "") + text, at, at);
  };

  // Names: @… offers members, those of the discussion first -----------------------------------------------------------
  let asking, asked = "";
  const listOf = (textarea) => document.getElementById(`names-${textarea.id}`);
  const closeNames = (textarea) => {
    listOf(textarea)?.remove();
    for (const name of ["aria-controls", "aria-activedescendant"]) textarea.removeAttribute(name);
  };
  const begun = (textarea) => /(?:^|[\s(])@([a-z0-9][a-z0-9-]{0,29})$/i.exec(textarea.value.slice(0, textarea.selectionStart))?.[1];
  const suggest = (textarea) => {
    clearTimeout(asking);
    const start = begun(textarea);
    if (!start) return closeNames(textarea);
    asking = setTimeout(async () => {
      asked = start;
      const answer = await fetch(`${textarea.form.dataset.names}?q=${encodeURIComponent(start)}`).catch(() => null);
      if (!answer?.ok || answer.redirected || asked !== start || begun(textarea) !== start) return;
      offer(textarea, await answer.json());
    }, 150);
  };
  const offer = (textarea, people) => {
    closeNames(textarea);
    if (!people.length) return;
    const list = document.createElement("ul");
    Object.assign(list, { id: `names-${textarea.id}`, className: "names", role: "listbox" });
    list.setAttribute("aria-label", textarea.dataset.listed);
    people.forEach(({ handle, name }, index) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `${list.id}-${index}`, role: "option", ariaSelected: "false" });
      option.dataset.handle = handle;
      option.append(Object.assign(document.createElement("b"), { textContent: name, dir: "auto" }), ` @${handle}`);
      list.append(option);
    });
    textarea.after(list);
    textarea.setAttribute("aria-autocomplete", "list");
    textarea.setAttribute("aria-controls", list.id);
    say(people.length === 1 ? textarea.dataset.name : textarea.dataset.names.replace("%d", people.length));
    choose(textarea, 0);
  };
  const choose = (textarea, index) => {
    const options = [...listOf(textarea).children];
    options.forEach((option, at) => (option.ariaSelected = String(at === index)));
    textarea.setAttribute("aria-activedescendant", options[index].id);
  };
  const take = (textarea, option) => {
    const at = textarea.selectionStart;
    const start = begun(textarea);
    closeNames(textarea);
    if (start !== undefined) insert(textarea, `@${option.dataset.handle} `, at - start.length - 1, at);
  };
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest(".names > li");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus
    take(option.closest("form").querySelector("textarea"), option);
  });
  document.addEventListener("focusout", (event) => event.target.matches("[data-composer] textarea") && closeNames(event.target));
  document.addEventListener("keydown", (event) => {
    const textarea = event.target;
    if (textarea.matches("[data-composer] textarea")) {
      const list = listOf(textarea);
      if (list) {
        const options = [...list.children];
        const here = options.findIndex((option) => option.ariaSelected === "true");
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) choose(textarea, (here + step + options.length) % options.length);
        else if (event.key === "Enter" || event.key === "Tab") take(textarea, options[here]);
        else if (event.key === "Escape") closeNames(textarea);
        else return;
        event.preventDefault();
        return;
      }
      const name = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && { b: "bold", i: "italic", k: "link" }[event.key];
      if (name) {
        event.preventDefault();
        format(textarea, name);
      }
    } else if (event.key === " " && textarea.matches(".rec[role=button]")) {
      event.preventDefault();
      textarea.click();
    }
  });

  // Forms that open where the comment stands --------------------------------------------------------------------------
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const piece = async (address) => {
    const answer = await fetch(address, { headers: asPiece() });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    return answer.text();
  };
  // What was selected in a comment, as a quote of it.
  const selected = (comment) => {
    const selection = getSelection();
    const inside = comment.querySelector(":scope > .c-card > .c-body");
    const text = selection.toString().trim();
    if (!text || !selection.rangeCount || !inside?.contains(selection.getRangeAt(0).commonAncestorContainer)) return "";
    const name = comment.querySelector(".c-head :is(h3, h4)").textContent.trim().replace(/[\\`*_[\]<>&!()@#]/g, "\\$&");
    const lines = [...text.split("\n"), "", `— [${name}](/c/${comment.id.slice(2)}/)`];
    return `${lines.map((line) => `> ${line}`.trim()).join("\n")}\n\n`;
  };
  const openForm = async (link, comment, ident) => {
    const quoted = ident === "reply" ? selected(comment) : "";
    let place = document.getElementById(ident);
    if (!place || !comment.contains(place) || place.closest(".c") !== comment) {
      place?.remove();
      const address = ident === "reply" ? `/comments/${comment.id.slice(2)}/reply/` : link.href;
      link.setAttribute("aria-busy", "true");
      let html;
      try {
        html = await piece(address);
      } catch {
        return location.assign(link.href);
      } finally {
        link.removeAttribute("aria-busy");
      }
      document.getElementById(ident)?.remove();
      place = Object.assign(document.createElement("div"), { id: ident, innerHTML: html });
      const card = comment.querySelector(":scope > .c-card");
      if (ident === "reply") card.after(place);
      else {
        card.querySelector(".c-body").after(place);
        comment.classList.toggle("is-editing", link.pathname.endsWith("/edit/"));
      }
      window.htmx.process(place);
      ready(place);
    }
    const field = place.querySelector("textarea[name=body]");
    const focus = field || place.querySelector("button, a");
    focus?.focus();
    focus?.scrollIntoView({ block: "nearest" });
    field?.setSelectionRange(field.value.length, field.value.length);
    if (quoted) quote(field, quoted);
  };
  const closeForm = (place) => {
    const comment = place.closest(".c");
    const opener = place.id === "reply" ? ".reply" : comment.matches(".is-editing") ? "[href$='/edit/']" : "[href$='/withdraw/']";
    comment.classList.remove("is-editing");
    place.remove();
    forgetQuery();
    comment.querySelector(`:scope > .c-card > .c-acts ${opener}`)?.focus();
  };
  // The address of a page that was asked for with its form would open it again.
  const forgetQuery = () => {
    const here = new URL(location);
    if (!here.searchParams.has("reply")) return;
    for (const name of ["reply", "quote"]) here.searchParams.delete(name);
    history.replaceState(history.state, "", here.pathname + here.search + here.hash);
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a, button");
    if (!link || !plain(event)) return;
    const comment = link.closest(".c");
    const form = link.closest("[data-composer]");
    const is = (selector) => link.matches(selector);
    if (comment && is(".c-acts > .reply")) {
      event.preventDefault();
      openForm(link, comment, "reply");
    } else if (comment && is(".c-acts > [href^='/comments/']:is([href$='/edit/'], [href$='/withdraw/'])")) {
      event.preventDefault();
      openForm(link, comment, "act");
    } else if (is("[data-cancel]") && link.closest("#reply, #act")) {
      event.preventDefault();
      closeForm(link.closest("#reply, #act"));
    } else if (is("[data-quote]")) {
      event.preventDefault();
      const html = await piece(link.href).catch(() => location.assign(link.href));
      if (html) quote(area(form), area(parse(html)).value);
    } else if (is("[data-fmt]")) format(area(form), link.dataset.fmt);
    else if (is("[data-discard]")) discardDraft(form);
    else if (is("[data-again]")) again(form);
    else if (is(".rec[role=button]")) {
      event.preventDefault();
      recommend(link, comment);
    }
  });

  const recommend = async (link, comment) => {
    const to = link.getAttribute("aria-pressed") === "true" ? "off" : "on";
    try {
      const answer = await fetch(link.href, { method: "POST", headers: asPiece(), body: new URLSearchParams({ to }) });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const { recommended, count } = await answer.json();
      link.setAttribute("aria-pressed", String(recommended));
      link.querySelector(".num").textContent = count || "";
      comment.classList.toggle("is-recommended", recommended);
    } catch {
      location.assign(link.href); // the page says what is wrong
    }
  };

  // Sending: htmx sends the forms; what comes of it is decided here --------------------------------------------------
  const isOurs = (form) => form?.matches?.("[data-composer], [data-act]");
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig.elt;
    if (form?.matches?.(".preview") && new URL(xhr.responseURL).pathname.startsWith("/accounts/")) event.detail.shouldSwap = false;
    if (!isOurs(form)) return;
    event.detail.shouldSwap = [409, 422, 429].includes(xhr.status);
    event.detail.isError = false;
    if (event.detail.shouldSwap) return;
    if (xhr.status === 201) done(form, xhr.getResponseHeader("Location"));
    else if (new URL(xhr.responseURL).pathname.startsWith("/accounts/")) show(form, "expired");
    else show(form, "failed");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, (event) => isOurs(event.detail.elt) && show(event.detail.elt, "failed"));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (!isOurs(form)) return;
    show(form, "none");
    if (form.matches("[data-draft]")) keepDraft(form);
  });
  // After a sign-in elsewhere the token of this page is an old one: fetch a new one, then send.
  const again = async (form) => {
    try {
      const token = parse(await piece(form.action)).querySelector("[name=csrfmiddlewaretoken]").value;
      form.querySelector("[name=csrfmiddlewaretoken]").value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      form.requestSubmit();
    } catch (error) {
      show(form, error.message === "200" ? "expired" : "failed");
    }
  };

  // After it: the comment as the server shows it takes its place, and the focus.
  const done = async (form, address) => {
    if (draftKey(form)) store.set(draftKey(form), null);
    area(form) && (area(form).value = "");
    const inPlace = form.closest("#reply, #act, [data-write]") && document.querySelector(".disc-body");
    if (!inPlace) return location.assign(address || document.querySelector("[data-cancel]").href);
    try {
      await arrive(form, address);
      say(form.dataset.done);
    } catch {
      location.assign(address || location.pathname);
    }
  };
  const arrive = async (form, address) => {
    const comment = form.closest("#act")?.closest(".c");
    const answer = await fetch(address || location.pathname + location.search);
    const page = parse(await answer.text());
    const ident = address ? `c-${/\/c\/(\d+)\//.exec(address)[1]}` : comment.id;
    const there = page.getElementById(ident);
    let here = document.getElementById(ident);
    if (comment) {
      if (there) here.replaceChild(document.adoptNode(there.firstElementChild), here.firstElementChild);
      const next = there ? here : here.nextElementSibling || here.parentElement.closest(".c") || document.getElementById("h-discussion");
      if (there) Object.assign(here, { className: there.className }).dataset.state = there.dataset.state;
      else here.remove();
      here = next;
    } else {
      here = place(there);
      form.closest("#reply")?.remove();
      const write = form.closest("[data-write]");
      const fresh = write && page.querySelector("[data-write]");
      if (write && !fresh) throw new Error("closed");
      if (write) write.replaceWith(document.adoptNode(fresh));
      if (write) window.htmx.process(fresh), ready(fresh);
    }
    const counts = page.querySelectorAll("[data-comment-count]");
    document.querySelectorAll("[data-comment-count]").forEach((element, index) => {
      if (counts[index]) element.replaceWith(document.adoptNode(counts[index]));
    });
    ready(here);
    reveal(here);
    here.tabIndex = -1;
    here.focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
    forgetQuery();
    if (address) history.replaceState(history.state, "", `#${ident}`);
  };
  // Put a new comment below the comment that it stands under on its own page; at the top of all if under none.
  const place = (there) => {
    const holder = there.parentElement.closest(".c");
    const before = there.previousElementSibling?.id;
    const body = document.querySelector(".disc-body");
    if (!holder) {
      let list = body.querySelector(":scope > .thread");
      if (!list) body.replaceChildren((list = there.parentElement.cloneNode()));
      list.prepend(document.adoptNode(there));
      return there;
    }
    const local = document.getElementById(holder.id);
    const branch = local.querySelector(":scope > .branch");
    const theirs = there.closest(".branch");
    if (!branch) {
      local.append(document.adoptNode(theirs));
      return there;
    }
    branch.open = true;
    branch.querySelector("summary").replaceWith(document.adoptNode(theirs.querySelector("summary")));
    const list = branch.querySelector(":scope > .thread");
    const sibling = before && list.querySelector(`:scope > #${before}`);
    if (sibling) sibling.after(document.adoptNode(there));
    else list.append(document.adoptNode(there));
    return there;
  };
})();
