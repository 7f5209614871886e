/* Writing, for members. Without it each act works by the link or form that it starts from. */
(() => {
  "use strict";
  const { all, byId, store, say, headers, land, parse, bring } = window.rostrum;
  const on = (name, act) => addEventListener(name, act);
  const area = (form) => form.querySelector("textarea[name=body]");
  const isField = (element) => element.matches("[data-composer] textarea");
  // One note of a form, or none.
  const note = (form, name) => {
    for (const one of all("[data-note]", form)) one.hidden = one.dataset.note !== name;
  };
  const piece = async (address) => {
    const answer = await fetch(address, { headers: headers() });
    if (!answer.ok || answer.redirected) throw answer;
    return answer.text();
  };

  // Drafts, for a week
  const draftsOf = (start) => {
    try {
      return Object.keys(localStorage).map((key) => key.slice(8)).filter((key) => key.startsWith(start));
    } catch {
      return [];
    }
  };
  for (const key of draftsOf("draft:")) if (!(Date.now() - store(key)?.at < 6048e5)) store(key, null);
  const keepDraft = (form) => {
    const text = area(form).value;
    if (form.dataset.draft) store(form.dataset.draft, text.trim() ? { at: Date.now(), text } : null);
  };
  const setDraft = (form, text) => {
    area(form).value = text;
    note(form, text && "kept");
    form.closest("[data-write]")?.classList.toggle("has-draft", !!text);
  };
  // In a closed discussion, to be copied.
  const kept = document.querySelector("[data-kept-drafts]");
  if (kept) {
    const mine = draftsOf(kept.dataset.keptDrafts);
    kept.querySelector("textarea").value = mine.map((key) => store(key).text).join("\n\n");
    kept.hidden = !mine[0];
    kept.querySelector("button").onclick = () => {
      for (const key of mine) store(key, null);
      kept.hidden = true;
    };
  }

  // Counting as the server does; told from 200 left
  let telling, keeping, asking;
  const count = (form) => {
    const place = form.querySelector("[data-count]");
    const left = area(form).dataset.most - [...area(form).value].length;
    const words = left === 1 ? "one" : left < 0 ? "over" : "left";
    place.textContent = place.dataset[words].replace("%d", Math.abs(left).toLocaleString("en"));
    place.classList.toggle("over", left < 0);
    clearTimeout(telling);
    if (left <= 200) telling = setTimeout(say, 1000, place.textContent);
  };
  const ready = (within) => {
    for (const form of all("[data-composer]", within.parentNode)) {
      const field = area(form);
      if (field.dataset.most) continue;
      field.dataset.most = field.maxLength;
      field.removeAttribute("maxlength"); // cuts what is pasted
      const draft = form.dataset.draft && !field.value && store(form.dataset.draft);
      if (draft) setDraft(form, draft.text);
      count(form);
      if (field.value) setTimeout(() => htmx.trigger(form.querySelector(".preview"), "look"), 50);
    }
    for (const link of all(".c:not(.is-own) > * > * > .rec", within.parentNode)) {
      link.role = "button";
      link.ariaPressed = link.closest(".c").matches(".is-recommended");
    }
  };
  on("htmx:load", (event) => ready(event.target));
  ready(document.body);
  on("input", ({ target }) => {
    if (!isField(target)) return;
    const { form } = target;
    count(form);
    clearTimeout(keeping);
    keeping = setTimeout(() => form.isConnected && keepDraft(form), 300);
    suggest(target);
  });
  addEventListener("pagehide", () => all("[data-draft]").forEach((form) => area(form).value && keepDraft(form)));

  // Formatting that the browser can undo
  const insert = (field, text, from = field.selectionStart, to = field.selectionEnd) => {
    field.focus();
    field.setSelectionRange(from, to);
    document.execCommand("insertText", false, text);
  };
  const format = (field, name) => {
    const { selectionStart: from, selectionEnd: to, value } = field;
    const text = value.slice(from, to);
    if (name === "quote") {
      const start = value.lastIndexOf("\n", from - 1) + 1;
      return insert(field, value.slice(start, to).replace(/^/gm, "> "), start, to);
    }
    const [before, after] = { bold: ["**", "**"], italic: ["*", "*"], link: ["[", "](https://)"] }[name];
    insert(field, before + text + after);
    // To be written next: the words, or their address.
    const at = from + before.length;
    const end = at + text.length;
    if (name === "link" && text) field.setSelectionRange(end + 2, end + 10);
    else field.setSelectionRange(at, end);
  };
  const quote = (field, text) => insert(field, (/\S.*$/.test(field.value.slice(0, field.selectionStart)) ? "\n\n" : "") + text);

  // Names after @
  const begun = (field) => /(?:^|[\s(])@([a-z0-9][a-z0-9-]{0,29})$/i.exec(field.value.slice(0, field.selectionStart))?.[1];
  const closeNames = (field) => {
    byId("names")?.remove();
    field.removeAttribute("aria-controls");
    field.removeAttribute("aria-activedescendant");
  };
  const suggest = (field) => {
    clearTimeout(asking);
    closeNames(field);
    const start = begun(field);
    if (!start) return;
    asking = setTimeout(async () => {
      const html = await piece(`${field.form.dataset.names}?q=${start}`).catch(() => "");
      if (begun(field) !== start || !html.trim()) return;
      closeNames(field);
      field.insertAdjacentHTML("afterend", html);
      choose(field, 0);
      say(byId("names").dataset.found);
    }, 150);
  };
  const choose = (field, index) => {
    all("#names > li").forEach((option, at) => (option.ariaSelected = at === index));
    field.setAttribute("aria-controls", "names");
    field.setAttribute("aria-activedescendant", `name-${index}`);
  };
  const take = (field, { dataset }) => {
    const at = field.selectionStart;
    const start = begun(field);
    closeNames(field);
    insert(field, `@${dataset.handle} `, at - start.length - 1, at);
  };
  on("mousedown", (event) => {
    const option = event.target.closest("#names > li");
    if (!option) return;
    event.preventDefault();
    take(area(option.closest("form")), option);
  });
  on("focusout", ({ target }) => isField(target) && closeNames(target));
  on("keydown", (event) => {
    const { target, key } = event;
    const options = all("#names > li");
    const here = options.findIndex((option) => option.ariaSelected === "true");
    const step = { ArrowDown: 1, ArrowUp: options.length - 1 }[key];
    const name = (event.ctrlKey || event.metaKey) && { b: "bold", i: "italic", k: "link" }[key];
    if (key === " " && target.matches(".rec[role=button]")) target.click();
    else if (!isField(target)) return;
    else if (name) format(target, name);
    else if (here < 0) return;
    else if (step) choose(target, (here + step) % options.length);
    else if (key === "Enter" || key === "Tab") take(target, options[here]);
    else if (key === "Escape") closeNames(target);
    else return;
    event.preventDefault();
  });

  // Forms that open where the comment stands
  const card = (comment) => comment.querySelector(":scope > .c-card");
  const selected = (comment) => {
    const selection = getSelection();
    const text = selection.toString().trim();
    if (!text || !card(comment).querySelector(".c-body").contains(selection.getRangeAt(0).commonAncestorContainer)) return "";
    const name = card(comment).querySelector("h3, h4").textContent.replace(/[\\`*_[\]<>&!()@#]/g, "\\$&");
    return `${text}\n\n— [${name}](/c/${comment.id.slice(2)}/)`.replace(/^/gm, "> ").replace(/^> $/gm, ">") + "\n\n";
  };
  const openForm = async (link, comment, ident) => {
    const quoted = ident === "reply" && selected(comment);
    let place = byId(ident);
    if (place?.closest(".c") !== comment) {
      const html = await piece(ident === "reply" ? `/comments/${comment.id.slice(2)}/reply/` : link.href).catch(() => location.assign(link));
      if (!html) return;
      byId(ident)?.remove();
      place = Object.assign(document.createElement("div"), { id: ident, innerHTML: html });
      if (ident === "reply") card(comment).after(place);
      else card(comment).querySelector(".c-body").after(place);
      place.opener = link;
      comment.classList.toggle("is-editing", link.href.endsWith("/edit/"));
      htmx.process(place);
      ready(place);
    }
    const field = area(place);
    (field || place.querySelector("button, a"))?.focus();
    field?.setSelectionRange(1e5, 1e5);
    if (quoted) quote(field, quoted);
  };
  // Asked for anew, the page comes without its form.
  const setAddress = (hash) => {
    const here = new URL(location);
    here.searchParams.delete("reply");
    here.searchParams.delete("quote");
    here.hash = hash;
    history.replaceState(null, "", here);
  };
  const closeForm = (place) => {
    const comment = place.closest(".c");
    comment.classList.remove("is-editing");
    if (area(place)) keepDraft(area(place).form);
    place.remove();
    setAddress("");
    (place.opener || card(comment).querySelector(".reply")).focus();
  };
  const recommend = async (link, comment) => {
    const body = new URLSearchParams({ to: link.ariaPressed === "true" ? "off" : "on" });
    const answer = await fetch(link.href, { method: "POST", headers: headers(), body }).catch(() => ({}));
    if (!answer.ok || answer.redirected) return location.assign(link); // the page says what is wrong
    const { recommended, count } = await answer.json();
    link.ariaPressed = recommended;
    link.querySelector(".num").textContent = count || "";
    comment.classList.toggle("is-recommended", recommended);
  };
  const CLICKS = {
    ".c-acts > .reply": (link, comment) => openForm(link, comment, "reply"),
    ".c-acts > :is([href$='/edit/'], [href$='/withdraw/'])": (link, comment) => openForm(link, comment, "act"),
    ":is(#reply, #act) [data-cancel]": (link) => closeForm(link.closest("#reply, #act")),
    ".rec[role=button]": recommend,
    "[data-quote]": async (link, comment, form) => {
      const html = await piece(link.href).catch(() => location.assign(link));
      if (html) quote(area(form), area(parse(html)).value);
    },
    "[data-fmt]": (button, comment, form) => format(area(form), button.dataset.fmt),
    "[data-again]": (button, comment, form) => again(form),
    "[data-discard]": (button, comment, form) => {
      setDraft(form, "");
      keepDraft(form);
      area(form).dispatchEvent(new Event("input", { bubbles: true }));
      area(form).focus();
    },
  };
  on("click", (event) => {
    const link = event.target.closest("a, button");
    const selector = link && !event.ctrlKey && !event.metaKey && !event.shiftKey && Object.keys(CLICKS).find((one) => link.matches(one));
    if (!selector) return;
    event.preventDefault();
    CLICKS[selector](link, link.closest(".c"), link.closest("form"));
  });

  // htmx sends the forms
  const isOurs = (form) => form.matches("[data-composer], [data-act]");
  on("htmx:beforeSwap", ({ detail }) => {
    const { xhr, requestConfig: { elt: form } } = detail;
    const isSignIn = xhr.responseURL.includes("/accounts/");
    if (isSignIn) detail.shouldSwap = false;
    if (!isOurs(form)) return;
    detail.shouldSwap = [409, 422, 429].includes(xhr.status);
    if (xhr.status === 201) done(form, xhr.getResponseHeader("Location"));
    else if (!detail.shouldSwap) note(form, isSignIn ? "expired" : "failed");
  });
  on("htmx:sendError", ({ detail: { elt } }) => isOurs(elt) && note(elt, "failed"));
  on("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (!isOurs(elt)) return;
    note(elt);
    if (area(elt)) keepDraft(elt);
  });
  // After a sign-in elsewhere the token is an old one.
  const again = async (form) => {
    try {
      const { value } = parse(await piece(form.action)).querySelector("[name=csrfmiddlewaretoken]");
      form.csrfmiddlewaretoken.value = value;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": value }));
      form.requestSubmit();
    } catch (answer) {
      note(form, answer.redirected ? "expired" : "failed");
    }
  };

  const done = async (form, address) => {
    if (area(form)) area(form).value = "";
    if (area(form)) keepDraft(form);
    try {
      await arrive(form, address);
      say(form.dataset.done);
    } catch {
      location.assign(address || byId("discussion").dataset.url);
    }
  };
  const arrive = async (form, address) => {
    const page = await bring(address || location);
    const write = form.closest("[data-write]");
    const comment = form.closest("#act")?.closest(".c");
    const there = page.getElementById(comment?.id || `c-${address.split("/")[2]}`);
    if (!write && !form.closest("#reply, #act")) throw form;
    let here = there;
    if (comment && there) {
      comment.firstElementChild.replaceWith(there.firstElementChild);
      comment.className = there.className;
      here = comment;
    } else if (comment) {
      here = comment.nextElementSibling || comment.parentElement.closest(".c") || byId("h-discussion");
      comment.remove();
    } else {
      settle(there);
      form.closest("#reply")?.remove();
      write?.replaceWith(page.querySelector("[data-write]"));
      htmx.process(byId("discussion"));
    }
    const counts = all("[data-comment-count]", page);
    all("[data-comment-count]").forEach((old, index) => old.replaceWith(counts[index]));
    ready(here);
    setAddress(address && `#${here.id}`);
    land(here);
  };
  // In its place; a top comment above all
  const settle = (there) => {
    const holder = there.parentElement.closest(".c");
    const before = there.previousElementSibling?.id;
    if (!holder) {
      const body = document.querySelector(".disc-body");
      if (!body.querySelector(".thread")) body.replaceChildren(there.parentElement.cloneNode());
      return body.querySelector(".thread").prepend(there);
    }
    const theirs = there.closest(".branch");
    const branch = byId(holder.id).querySelector(":scope > .branch");
    if (!branch) return byId(holder.id).append(theirs);
    branch.firstElementChild.replaceWith(theirs.firstElementChild);
    const list = branch.querySelector(".thread");
    const sibling = before && byId(before);
    if (sibling?.parentElement === list) sibling.after(there);
    else list.append(there);
  };
})();
