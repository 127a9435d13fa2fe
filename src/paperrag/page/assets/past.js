// The list of conversations at the left of the Ask tab: find, open, rename, export, delete.
paperrag.past = (() => {
  const { NARROW, act, escaped, readNewest, say, write } = paperrag;
  const HIDDEN = "paperrag-past-hidden";
  const DAY_S = 86_400;
  let place = null;
  let current = null;
  let due = null; // HTML that the list is to show once nothing in it is open

  function draw(where) {
    place = where;
    place.innerHTML = `<div class="pr-past-head"><input type="search" id="pr-past-find" aria-label="${escaped(say("past_find"))}"
      placeholder="${escaped(say("past_find"))}"></div><div id="pr-past-list"></div>`;
    place.querySelector("input").addEventListener("input", () => { closeMenus(); refresh(); });
    place.addEventListener("toggle", drawList, true);
    document.body.classList.toggle("pr-past-hidden", localStorage.getItem(HIDDEN) === "yes");
    refresh();
  }

  async function refresh() {
    const words = place.querySelector("input").value;
    const found = await readNewest("past", "conversations", { words }).catch((error) => error);
    if (!found) return;
    const none = say(words ? "past_no_match" : "past_none");
    due = found.length ? groups(found) : `<p class="pr-faint">${escaped(found.message ?? none)}</p>`;
    drawList();
  }

  // A menu that is open and a name that is typed stay until they are closed.
  function drawList() {
    if (due === null || place.querySelector(".pr-past-name, .pr-past-more[open]")) return;
    place.querySelector("#pr-past-list").innerHTML = due;
    due = null;
    mark(current);
  }

  function closeMenus(but = null) {
    for (const menu of place.querySelectorAll(".pr-past-more[open]")) if (!menu.contains(but)) menu.open = false;
  }

  function groups(found) {
    const midnight = new Date().setHours(0, 0, 0, 0) / 1000;
    const groupOf = ({ changed }) => (changed >= midnight ? "past_today" : changed >= midnight - 6 * DAY_S ? "past_week" : "past_older");
    return ["past_today", "past_week", "past_older"]
      .map((name) => [name, found.filter((one) => groupOf(one) === name)])
      .filter(([, inside]) => inside.length)
      .map(([name, inside]) => `<h3>${escaped(say(name))}</h3><ul>${inside.map(item).join("")}</ul>`)
      .join("");
  }

  function item({ id, title }) {
    const words = (key) => escaped(say(key));
    return `<li data-id="${escaped(id)}"><button class="pr-past-open" data-act="past" data-id="${escaped(id)}" title="${escaped(title)}">${escaped(title)}</button>
      <details class="pr-past-more"><summary aria-label="${words("more_actions")}" title="${words("more_actions")}">⋯</summary><div>
        <button data-act="rename" data-id="${escaped(id)}">${words("rename")}</button>
        <button data-act="export" data-id="${escaped(id)}">${words("export")}</button>
        <button data-act="delete" data-id="${escaped(id)}">${words("delete")}</button></div></details></li>`;
  }

  function mark(id) {
    current = id;
    for (const one of place?.querySelectorAll("li") ?? []) {
      one.classList.toggle("pr-current", one.dataset.id === id);
      one.querySelector(".pr-past-open")?.setAttribute("aria-current", one.dataset.id === id ? "page" : "false");
    }
  }

  act("past", ({ id }) => {
    paperrag.chat.open(id);
    if (NARROW.matches) document.body.classList.remove("pr-past-open");
  });
  act("past-toggle", () => {
    if (matchMedia("(max-width: 1100px)").matches) {
      document.body.classList.toggle("pr-past-open");
    } else {
      const isHidden = document.body.classList.toggle("pr-past-hidden");
      localStorage.setItem(HIDDEN, isHidden ? "yes" : "no");
    }
  });
  act("export", ({ id }) => {
    const link = Object.assign(document.createElement("a"), { href: `paperrag/export?id=${encodeURIComponent(id)}`, download: "conversation.md" });
    link.click();
  });

  act("rename", ({ id }, button) => {
    const row = button.closest("li");
    const title = row.querySelector(".pr-past-open").textContent;
    row.innerHTML = `<input class="pr-past-name" aria-label="${escaped(say("rename"))}" maxlength="80">`;
    const field = row.firstElementChild;
    field.value = title;
    field.select();
    let isOver = false;
    const end = async (isKept) => {
      if (isOver) return;
      isOver = true;
      if (isKept && field.value.trim() && field.value !== title) await write("rename", { id, title: field.value });
      field.remove();
      refresh();
    };
    field.addEventListener("blur", () => end(true));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) end(true);
      else if (event.key === "Escape") end(false);
    });
  });

  act("delete", async ({ id }, button) => {
    if (button.dataset.sure !== "yes") { // the second click means it
      button.dataset.sure = "yes";
      button.textContent = say("delete_sure");
      return;
    }
    await write("delete", { id });
    if (paperrag.chat.conversation === id) {
      paperrag.chat.fresh();
      paperrag.go(null);
    }
    closeMenus();
    refresh();
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && place?.querySelector(".pr-past-more[open]");
    if (!menu) return;
    closeMenus();
    menu.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (place) closeMenus(event.target);
    if (!event.target.closest?.("#pr-past, #pr-past-toggle")) document.body.classList.remove("pr-past-open");
  });

  return { draw, mark, refresh };
})();
