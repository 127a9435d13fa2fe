// The Ask tab: the question box, the conversation, the evidence beside it, and where is looked. What one types stays in the browser
// until it is sent; a question sent while another is answered waits its turn.
paperrag.chat = (() => {
  const { COLLECTIONS, NARROW, act, address, calm, escaped, folded, go, on, part, post, read, readNewest, redrawn, say, steps, write } = paperrag;
  const DRAFT = "paperrag-draft";
  const SCOPE_PARTS = ["collection", "section", "file", "tag", "kind", "language"];
  const NAMED_PARTS = ["collection", "section", "file", "tag"];
  let place = null; // where the tab is drawn
  let conversation = null;
  let run = null; // the question that is answered: { id, conversation, question }
  let waiting = [];
  let scope = {};
  let shownTurn = -1; // whose evidence is shown

  const at = (id) => document.getElementById(id);
  const box = () => place.querySelector("#pr-question textarea");

  part("ask", (where) => {
    const draft = place ? box().value : sessionStorage.getItem(DRAFT) ?? "";
    const isFirst = !place;
    place = where;
    place.innerHTML = skeleton();
    const area = box();
    area.value = draft;
    area.addEventListener("input", typed);
    area.addEventListener("keydown", pressed);
    typed();
    drawScope();
    drawWaiting();
    welcome();
    paperrag.past.draw(at("pr-past"));
    paperrag.model.draw();
    if (isFirst) begin();
    else if (conversation) load(conversation);
  });

  function skeleton() {
    const words = (key) => escaped(say(key));
    return `<div id="pr-ask">
      <aside id="pr-past" aria-label="${words("past")}"></aside>
      <section id="pr-chat">
        <div id="pr-bar">
          <button id="pr-past-toggle" class="pr-quiet" data-act="past-toggle" aria-label="${words("past")}" title="${words("past")}">☰</button>
          <span id="pr-title"></span>
          <button id="pr-clear" class="pr-quiet" data-act="new">${words("clear")}</button>
        </div>
        <div id="pr-welcome"></div>
        <div id="pr-log" role="log" aria-live="polite" tabindex="0" aria-label="${words("past")}"></div>
        <div id="pr-trouble" role="alert"></div>
        <div id="pr-followups"></div>
        <div id="pr-waiting"></div>
        <div id="pr-composer">
          <div id="pr-question"><textarea rows="1" maxlength="${window.paperragQuestionChars}" aria-label="${words("placeholder")}" placeholder="${words(NARROW.matches ? "placeholder_short" : "placeholder")}"></textarea></div>
          <div id="pr-inputs"><div id="pr-scope"></div>
            <div id="pr-model"><button id="pr-model-open" class="pr-quiet" data-act="model" aria-expanded="false" aria-controls="pr-model-menu"></button>
            <div id="pr-model-menu" hidden></div></div>
            <button id="pr-stop" data-act="stop">${words("stop")}</button>
            <button id="pr-send" data-act="send">${words("send")}</button></div>
        </div>
      </section>
      <aside id="pr-side" aria-label="${words("show_evidence")}">
        <button class="pr-close" data-act="side-close" aria-label="${words("close")}">×</button>
        <div id="pr-hint"><p class="pr-faint">${words("evidence_empty")}</p></div>
        <div id="pr-evidence" tabindex="0" role="region" aria-label="${words("show_evidence")}"></div>
      </aside>
      <div id="pr-peek" role="tooltip" hidden></div>
    </div>`;
  }

  async function welcome() {
    const { html } = await read("welcome").catch((error) => ({ html: `<p class="pr-error">${escaped(error.message)}</p>` }));
    at("pr-welcome").innerHTML = html;
  }

  // --- typing and sending ---

  function typed() {
    const area = box();
    sessionStorage.setItem(DRAFT, area.value);
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
    at("pr-chat").classList.toggle("pr-typed", Boolean(area.value.trim()));
  }

  function type(text) {
    box().value = text;
    typed();
  }

  function pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return; // 229: an input method takes the key
    event.preventDefault();
    sendTyped();
  }

  function sendTyped() {
    const question = box().value.trim();
    if (!question) return;
    type("");
    send(question);
  }

  function send(question, again = false) {
    paperrag.showTab("ask");
    conversation ??= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace(".", "");
    const asked = { question, conversation, again, scope: { ...scope } };
    if (run) waiting.push(asked);
    else answer(asked);
    drawWaiting();
    toBox();
  }

  function toBox() {
    if (!NARROW.matches) box().focus(); // on a phone its keyboard would cover the answer
  }

  async function answer(asked) {
    run = { ...asked, id: `${Date.now()}-${Math.random()}` };
    at("pr-chat").classList.add("pr-busy");
    closeSide();
    let isShown = false;
    try {
      const { question, again } = asked;
      const reply = await post("ask", { question, again, scope: asked.scope, id: asked.conversation, run: run.id });
      for await (const step of steps(reply)) {
        show(step, !isShown);
        if (!isShown && run.isStopped) stop(); // before its first step the server did not know it
        isShown = true;
      }
    } catch {
      failed(asked.question);
    }
    run = null;
    at("pr-chat").classList.remove("pr-busy");
    paperrag.past.refresh();
    if (!address().kind && asked.conversation === conversation) go("c", conversation, true); // an entry was open when it began
    const next = waiting.shift();
    drawWaiting();
    if (next) answer(next);
  }

  const stop = () => write("stop", { run: run.id }).catch(() => {}); // a server that is gone is told where the answer is

  function show(step, isFirst) {
    if (step.id !== conversation) return; // another conversation was opened meanwhile
    const log = at("pr-log");
    const old = log.querySelector(`[data-turn="${step.turn}"].pr-turn`);
    if (old) old.outerHTML = step.html;
    else log.insertAdjacentHTML("beforeend", step.html);
    at("pr-followups").innerHTML = step.followups;
    at("pr-trouble").textContent = step.trouble ? `${say("not_kept")} ${step.trouble}` : "";
    showEvidence(step.turn, step.evidence);
    if (isFirst) {
      toTurn(step.turn);
      if (step.turn === 0) title(log.querySelector(".pr-question").textContent);
      paperrag.past.mark(conversation);
      if (address().kind !== "entry" && address().kind !== "note") go("c", conversation, true);
    }
  }

  // The last turn is as high as the log (page style), so that it can stand at the top: its answer grows in view.
  function toTurn(number) {
    const turn = at("pr-log").querySelector(`[data-turn="${number}"].pr-turn`);
    if (turn) at("pr-log").scrollTo({ top: turn.offsetTop - at("pr-log").offsetTop, behavior: "auto" });
  }

  function failed(question) {
    if (!box().value.trim()) type(question);
    else waiting.unshift({ question, conversation, again: false, scope: { ...scope } });
    at("pr-trouble").textContent = say("offline");
  }

  function drawWaiting() {
    at("pr-waiting").innerHTML = waiting
      .map(({ question }, number) => `<span class="pr-wait"><i>${escaped(say("waiting"))}</i> ${escaped(question)}
        <button class="pr-quiet" data-act="unwait" data-number="${number}" aria-label="${escaped(say("remove"))}">×</button></span>`)
      .join("");
  }

  act("unwait", ({ number }) => {
    const [removed] = waiting.splice(Number(number), 1);
    drawWaiting();
    if (removed && !box().value.trim()) type(removed.question);
  });
  act("send", sendTyped);
  act("ask", ({ question }) => send(question));
  act("stop", () => {
    if (!run) return;
    run.isStopped = true;
    stop();
  });
  act("again", ({ question }) => send(question, true));
  act("edit", ({ question }) => { type(question); box().focus(); });
  act("everywhere", ({ turn }) => {
    const question = at("pr-log").querySelector(`[data-turn="${turn}"] .pr-question`).textContent;
    setScope({});
    send(question);
  });
  act("vote", async ({ turn, vote }) => {
    try {
      const { html } = await write("vote", { id: conversation, turn, vote });
      redrawn(at("pr-log"), () => { at("pr-log").querySelector(`[data-turn="${turn}"].pr-turn`).outerHTML = html; });
    } catch (error) {
      at("pr-trouble").textContent = error.message;
    }
  });

  act("bibtex", async ({ turn, done }, button) => {
    try {
      const { text } = await read("bibtex", { id: conversation, turn });
      await paperrag.copied(button, text, done);
    } catch (error) {
      at("pr-trouble").textContent = error.message;
    }
  });
  act("why", async ({ turn, entry }, button) => {
    const words = button.closest(".pr-card").querySelector(".pr-why");
    words.hidden = !words.hidden;
    button.setAttribute("aria-expanded", String(!words.hidden));
    if (words.hidden || words.textContent) return;
    const { text } = await read("why", { id: conversation, turn, entry }).catch((error) => ({ text: error.message }));
    words.textContent = text;
  });

  // --- conversations ---

  // ?c=CONVERSATION opens one, ?q=QUESTION asks, with section=, file=, kind= and language= in a part of the notes. Each is done once:
  // then the address is that of the conversation.
  async function begin() {
    const { kind, id } = address();
    const given = new URLSearchParams(location.search);
    const wanted = kind === "c" ? id : given.get("c");
    const question = given.get("q");
    if (question || wanted) history.replaceState(null, "", location.pathname + location.hash);
    if (wanted) await load(wanted);
    if (wanted && conversation && !kind) go("c", conversation, true);
    if (!question) return;
    const places = SCOPE_PARTS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]);
    if (places.length) setScope(Object.fromEntries(places));
    send(question);
  }

  act("link", async ({ question, scope: where, done }, button) => {
    const link = new URL(location.pathname, location.href);
    for (const [name, value] of Object.entries({ q: question, ...JSON.parse(where) })) link.searchParams.set(name, value);
    await paperrag.copied(button, link.href, done);
  });

  async function load(id) {
    const reply = await readNewest("conversation", "conversation", { id }).catch(() => null);
    if (!reply) {
      fresh();
      at("pr-trouble").textContent = say("conversation_gone");
      return;
    }
    conversation = reply.id;
    at("pr-log").innerHTML = reply.turns.join("");
    at("pr-followups").innerHTML = reply.followups;
    at("pr-trouble").textContent = "";
    title(reply.title);
    setScope(reply.scope);
    showEvidence(reply.turns.length - 1, reply.evidence);
    toTurn(reply.turns.length - 1);
    paperrag.past.mark(conversation);
  }

  function open(id) {
    go("c", id);
    load(id);
    paperrag.showTab("ask");
  }

  function fresh() {
    conversation = null;
    shownTurn = -1;
    for (const id of ["pr-log", "pr-followups", "pr-evidence", "pr-trouble"]) at(id).innerHTML = "";
    title("");
    setScope({});
    closeSide();
    paperrag.past.mark(null);
  }

  function title(text) {
    at("pr-title").textContent = text;
    document.title = text ? `${text} · paperrag` : "paperrag";
  }

  act("new", () => {
    fresh();
    go(null);
    box().focus();
  });
  addEventListener("popstate", () => {
    const { kind, id } = address();
    if (kind === "c" && id !== conversation) load(id);
    else if (!kind && conversation && !run) fresh();
  });

  // --- evidence ---

  function showEvidence(number, html) {
    const column = at("pr-evidence");
    if (shownTurn === number && column.innerHTML && column.dataset.html === html) return;
    const opened = shownTurn === number ? [...column.querySelectorAll(".pr-card[open]")].map((card) => card.id) : [];
    column.innerHTML = html;
    column.dataset.html = html;
    for (const id of opened) at(id)?.setAttribute("open", "");
    if (shownTurn !== number) column.scrollTop = 0;
    shownTurn = number;
  }

  async function fetchEvidence(number) {
    const reply = await readNewest("evidence", "evidence", { id: conversation, turn: number });
    if (reply) showEvidence(number, reply.html);
  }

  act("evidence", async ({ turn }) => {
    await fetchEvidence(Number(turn));
    openSide();
  });

  act("cite", async ({ turn, n }) => {
    hidePeek();
    if (shownTurn !== Number(turn)) await fetchEvidence(Number(turn));
    openSide();
    openCard(turn, n);
  });

  function openCard(turn, n) {
    const card = at(`src-${turn}-${n}`);
    if (!card) return;
    document.querySelectorAll(".pr-card.pr-lit").forEach((other) => other.classList.remove("pr-lit"));
    card.open = true;
    card.classList.add("pr-lit");
    card.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  }

  // On a phone the evidence is a sheet over the conversation.
  function openSide() {
    document.body.classList.add("pr-side-open");
  }

  function closeSide() {
    document.body.classList.remove("pr-side-open");
  }
  act("side-close", closeSide);

  // --- the quote behind a number, in place ---

  function peek(event) {
    const mark = event.target.closest?.(".pr-cite[data-quote]");
    if (!mark || NARROW.matches) return hidePeek();
    const bubble = at("pr-peek");
    bubble.innerHTML = `<b>${escaped(mark.dataset.title)}</b>${escaped(mark.dataset.quote)}`;
    bubble.hidden = false;
    const spot = mark.getBoundingClientRect();
    const size = bubble.getBoundingClientRect();
    bubble.style.left = `${Math.max(8, Math.min(spot.left - 24, innerWidth - size.width - 8))}px`;
    bubble.style.top = `${spot.top > size.height + 16 ? spot.top - size.height - 8 : spot.bottom + 8}px`;
  }

  function hidePeek() {
    const bubble = at("pr-peek");
    if (bubble) bubble.hidden = true;
  }
  for (const sign of ["pointerover", "focusin"]) document.addEventListener(sign, peek);
  document.addEventListener("scroll", hidePeek, true);

  // --- where is looked ---

  const scopeLabel = (name, value) =>
    NAMED_PARTS.includes(name) ? say(`scope_${name}`, { name: value }) : say(`scope_${name}_${value}`);

  function setScope(wanted) {
    scope = { ...wanted };
    drawScope();
  }

  function drawScope() {
    const chips = Object.entries(scope).map(([name, value]) => {
      const label = scopeLabel(name, value);
      return `<span class="pr-in">${escaped(label)}<button data-act="unscope" data-name="${name}"
        aria-label="${escaped(say("scope_remove", { name: label }))}">×</button></span>`;
    });
    at("pr-scope").innerHTML = `${chips.join("")}<button id="pr-scope-add" class="pr-quiet" data-act="scope" aria-expanded="false"
      aria-controls="pr-scope-menu">＋ ${escaped(say("scope_add"))}</button>
      <div id="pr-scope-menu" hidden><input type="search" aria-label="${escaped(say("scope_find"))}" placeholder="${escaped(say("scope_find"))}">
      <div class="pr-scope-kinds">${kindButtons()}</div><div class="pr-scope-list"></div></div>`;
    at("pr-scope-menu").querySelector("input").addEventListener("input", findScopes);
  }

  function kindButtons() {
    return [...COLLECTIONS.map((name) => ["collection", name]), ["kind", "note"], ["kind", "abstract"], ["language", "zh"], ["language", "en"]]
      .map(([name, value]) => scopeButton(name, value, scopeLabel(name, value)))
      .join("");
  }

  const scopeButton = (name, value, label) =>
    `<button data-act="set-scope" data-name="${name}" data-value="${escaped(value)}">${escaped(label)}</button>`;

  async function findScopes() {
    const words = at("pr-scope-menu").querySelector("input").value;
    const found = await readNewest("scopes", "scopes", { words, collection: scope.collection }).catch(() => []);
    if (!found) return;
    const buttons = found.map(({ part: name, value, label }) => scopeButton(name, value, label)).join("");
    at("pr-scope-menu").querySelector(".pr-scope-list").innerHTML = buttons || `<p class="pr-faint">${escaped(say("scope_none"))}</p>`;
  }

  function openMenu(isOpen) {
    const menu = at("pr-scope-menu");
    if (!menu || menu.hidden === !isOpen) return;
    at("pr-scope-add").setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) folded(menu, at("pr-scope-add"));
    else {
      menu.hidden = false;
      menu.querySelector("input").focus();
      findScopes();
    }
  }

  act("scope", () => openMenu(at("pr-scope-menu").hidden));
  act("set-scope", ({ name, value }) => {
    setScope({ ...scope, [name]: value });
    box().focus();
  });
  act("unscope", ({ name }) => {
    const { [name]: _, ...rest } = scope;
    setScope(rest);
    toBox();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.("#pr-scope")) openMenu(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      openMenu(false);
      closeSide();
      hidePeek();
    } else if (event.key === "Enter" && event.target.matches?.("#pr-scope-menu input") && !event.isComposing) {
      event.preventDefault();
      at("pr-scope-menu").querySelector(".pr-scope-list button")?.click();
    }
  });

  // --- what changes around it ---

  on("index", () => {
    welcome();
    if (conversation && shownTurn >= 0) fetchEvidence(shownTurn).catch(() => {});
  });

  // Start a question about one place of the notes.
  function askIn(wanted) {
    paperrag.showTab("ask");
    setScope(wanted);
    setTimeout(() => box().focus(), 0);
  }

  return {
    open, fresh, send, askIn,
    get conversation() { return conversation; },
    get cited() { return [...document.querySelectorAll("#pr-evidence .pr-card[data-cited]")].map((card) => card.dataset.cited); },
  };
})();
