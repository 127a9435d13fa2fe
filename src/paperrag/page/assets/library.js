// The Library tab: the tree of notes, and a list that narrows with every change of the search box, however it is made.
(() => {
  const { act, escaped, on, part, read, readNewest, say } = paperrag;
  const CHOICES = {
    kind: ["note", "abstract"],
    language: ["zh", "en"],
    order: ["note", "title", "section", "venue"],
  };
  const query = { words: "", place: "", kind: "", language: "", order: "note" };
  let next = null; // the first row that is not fetched yet
  let isFetching = false;

  const at = (id) => document.getElementById(id);

  part("library", (place) => {
    place.innerHTML = `<div id="pr-library"><button id="pr-tree-open" data-act="tree" aria-expanded="false" aria-controls="pr-tree">${escaped(say("places"))}</button><div id="pr-tree"></div><div id="pr-list-column">
      <div id="pr-list-tools"><span id="pr-words"><input type="search" maxlength="200" aria-label="${escaped(say("search_entries"))}"
        placeholder="${escaped(say("search_entries"))}"></span>${Object.keys(CHOICES).map(select).join("")}</div>
      <div id="pr-list" tabindex="0" role="region" aria-label="${escaped(say("tab_library"))}"></div></div></div>`;
    const field = place.querySelector("#pr-words input");
    field.value = query.words;
    field.addEventListener("input", () => ask({ words: field.value }));
    for (const name of Object.keys(CHOICES)) {
      const choice = at(`pr-list-${name}`);
      choice.value = query[name];
      choice.addEventListener("change", () => ask({ [name]: choice.value }));
    }
    at("pr-list").addEventListener("scroll", more, { passive: true });
    refresh();
  });

  function select(name) {
    const label = escaped(say(name === "order" ? "sort" : name));
    const keys = name === "order" ? "sort" : name === "kind" ? "kind" : "lang";
    const options = CHOICES[name].map((value) => `<option value="${value}">${escaped(say(`${keys}_${value}`))}</option>`);
    const all = name === "order" ? "" : `<option value="">${label}</option>`;
    return `<select id="pr-list-${name}" aria-label="${label}">${all}${options.join("")}</select>`;
  }

  async function refresh() {
    const top = at("pr-list").scrollTop;
    ask({}).then(() => backTo(top));
    const { html } = await read("tree").catch((error) => ({ html: `<p class="pr-error">${escaped(error.message)}</p>` }));
    at("pr-tree").innerHTML = html;
    mark();
  }

  async function ask(changes) {
    Object.assign(query, changes);
    const reply = await readNewest("rows", "rows", query).catch((error) => ({ html: `<p class="pr-error" role="alert">${escaped(error.message)}</p>` }));
    if (!reply) return;
    at("pr-list").innerHTML = reply.html;
    at("pr-list").scrollTop = 0;
    next = reply.next;
  }

  function more() {
    const list = at("pr-list");
    if (list.scrollTop + 2 * list.clientHeight >= list.scrollHeight) fetchMore();
  }

  async function fetchMore() {
    if (next === null || isFetching) return false;
    isFetching = true;
    const reply = await readNewest("rows", "rows", { ...query, first: next }).catch(() => null);
    isFetching = false;
    if (!reply) return false;
    at("pr-list").querySelector("tbody").insertAdjacentHTML("beforeend", reply.html);
    next = reply.next;
    return true;
  }

  // Scroll to where one was, for which all above is needed.
  async function backTo(top) {
    const list = at("pr-list");
    while (list.scrollHeight - list.clientHeight < top && await fetchMore());
    list.scrollTop = top;
  }

  function mark() {
    for (const button of document.querySelectorAll("#pr-tree [data-act=place]")) {
      button.setAttribute("aria-current", String(button.dataset.place === (query.place || "[]")));
    }
  }

  // On a phone the tree is folded: what one searches comes first.
  act("tree", (_, button) => {
    const isOpen = at("pr-library").classList.toggle("pr-tree-shown");
    button.setAttribute("aria-expanded", String(isOpen));
  });

  act("place", ({ place }) => {
    ask({ place });
    mark();
  });

  // Branches of a large tree are fetched when they are opened.
  act("fold", async ({ place }, button) => {
    const below = button.parentElement.nextElementSibling;
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    below.hidden = isOpen;
    if (!isOpen && !below.innerHTML) below.innerHTML = (await read("tree", { place })).html;
  });

  on("index", () => { if (at("pr-library")) refresh(); });
})();
