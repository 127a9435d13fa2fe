// The Map tab: every entry a point, near what says similar things; the last answer's entries ringed. The points come from this server,
// once for each index. Beside it stands a list of the same points, for the keyboard and for search.
paperrag.map = (() => {
  const { collectionChoice, escaped, on, part, read, redrawn, say } = paperrag;
  const LISTED = 100;
  const SQUARES = 18; // along the longer side of the map; a name belongs to one and those around it
  const NEIGHBOURS = [-1, 0, 1].flatMap((right) => [-1, 0, 1].map((up) => [right, up]));
  const MOSTLY = 0.4; // share of the points around a name that are of its group, at least
  const COLOURS = {
    light: ["#0f766e", "#8f1858", "#b76800", "#9f60bf", "#584008", "#588700", "#1880d7", "#cf5060", "#084878", "#60389f", "#a73000", "#006000"],
    dark: ["#2dd4bf", "#ef8797", "#e79728", "#c78fef", "#ffdf60", "#8fb748", "#10b7f7", "#f7bfa7", "#a7c7ff", "#ffb7ff", "#78f7ff", "#97ef97"],
  };
  const OTHERS = "#94a3b8";
  let place = null;
  let points = null; // as the server sends them, with the labels of groups
  let plane = null;
  let isSeen = false;
  let collection = ""; // the one whose points are shown, "" for all
  const hidden = new Set(); // groups that the legend has switched off
  const at = (id) => document.getElementById(id);

  part("map", (where) => {
    place = where;
    plane = null;
    place.innerHTML = `<div id="pr-map"><p class="pr-faint">${escaped(say("map_hint"))}</p><div id="pr-map-row">
      <div class="pr-map"><p class="pr-map-said" role="status">${escaped(say("map_loading"))}</p></div><div id="pr-map-side">
      ${collectionChoice("pr-map-collection", collection)}<div id="pr-map-legend"></div><input type="search" id="pr-map-find" aria-label="${escaped(say("search_entries"))}" placeholder="${escaped(say("map_find"))}">
      <ul class="pr-entries" id="pr-map-list"></ul></div></div></div>`;
    at("pr-map-find").addEventListener("input", find);
    at("pr-map-collection")?.addEventListener("change", (event) => { collection = event.target.value; anew(); });
    new IntersectionObserver(([seen]) => { // points are fetched once the tab is opened
      isSeen = seen.isIntersecting;
      if (isSeen) draw();
    }).observe(spot());
  });

  const spot = () => place.querySelector(".pr-map");
  const colours = () => COLOURS[document.body.classList.contains("dark") ? "dark" : "light"];
  const lit = () => new Set(paperrag.chat.cited);

  async function draw() {
    const [here, wanted] = [spot(), collection];
    try {
      points ??= labelled(await fetched(wanted));
    } catch {
      here.innerHTML = `<p class="pr-map-said pr-error" role="alert">${escaped(say("map_failed"))}</p>`;
      return;
    }
    if (here !== spot()) return; // the language was switched meanwhile
    if (wanted !== collection) return anew();
    if (!points.ids.length) {
      plane = null;
      here.innerHTML = `<p class="pr-map-said" role="status">${escaped(say("no_notes"))}</p>`;
      here.dataset.drawn = "0";
      return;
    }
    plane ??= paperrag.scatter(here, { say, name, open });
    const [found, cited] = [matching(), lit()];
    const ringed = points.ids.flatMap((id, row) => (cited.has(id) ? [row] : []));
    const label = say("map_about", { count: points.ids.length, cited: ringed.length, found: found?.size ?? 0 });
    plane.show({ ...points, colours: colours(), others: OTHERS, hidden, found, ringed, label });
    legend(ringed.length);
    list(found, ringed);
    here.dataset.drawn = String(points.ids.length);
  }

  const asked = {}; // by collection

  function fetched(wanted) {
    asked[wanted] ??= read("map", { collection: wanted }).finally(() => { delete asked[wanted]; });
    return asked[wanted];
  }

  function anew() {
    points = null;
    if (place && isSeen) draw();
    else if (place) delete spot().dataset.drawn;
  }

  // Each group is named where its points are dense and most of those around are its own; one that lies among others has no such place.
  function labelled(data) {
    const [left, right, low, high] = [...paperrag.ends(data.x), ...paperrag.ends(data.y)];
    const side = Math.max(right - left, high - low) / SQUARES || 1;
    const squares = new Map(); // "column row" → rows of the points there
    data.x.forEach((x, row) => {
      const key = `${Math.floor((x - left) / side)} ${Math.floor((data.y[row] - low) / side)}`;
      if (squares.has(key)) squares.get(key).push(row);
      else squares.set(key, [row]);
    });
    const best = data.groups.map(() => ({ worth: 0 }));
    for (const key of squares.keys()) {
      const [column, line] = key.split(" ").map(Number);
      const near = NEIGHBOURS.flatMap(([right, up]) => squares.get(`${column + right} ${line + up}`) ?? []);
      for (const group of new Set(near.map((row) => data.group[row]))) {
        const own = near.filter((row) => data.group[row] === group);
        const [share, worth] = [own.length / near.length, own.length ** 2 / near.length];
        if (group >= 0 && share >= MOSTLY && worth > best[group].worth) best[group] = { worth, own };
      }
    }
    const mean = (rows, values) => rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
    const labels = best.flatMap(({ own }, group) =>
      own ? [{ text: data.groups[group], group, x: mean(own, data.x), y: mean(own, data.y) }] : []);
    return { ...data, labels };
  }

  function open(row) {
    const button = Object.assign(document.createElement("button"), { hidden: true });
    Object.assign(button.dataset, { act: "open", entry: points.ids[row] });
    place.append(button);
    button.click();
    button.remove();
  }

  function name(row) {
    const group = points.groups[points.group[row]] ?? say("other_sections");
    const about = points.abstract[row] ? `${group} · ${say("kind_abstract")}` : group;
    return [Object.assign(document.createElement("b"), { textContent: points.titles[row] }), about];
  }

  // --- what colours mean; a click hides a group ---

  function legend(ringed) {
    const named = points.groups.map((text, group) => [group, text, colours()[group]]);
    if (points.group.includes(-1)) named.push([-1, say("other_sections"), OTHERS]);
    const signs = named.map(([group, text, colour]) =>
      `<button data-act="map-group" data-group="${group}" aria-pressed="${!hidden.has(group)}"><i style="background:${colour}"></i><b title="${escaped(text)}">${escaped(text)}</b></button>`);
    if (points.abstract.includes(1)) signs.push(`<span><i class="pr-diamond"></i><b>${escaped(say("kind_abstract"))}</b></span>`);
    if (ringed) signs.push(`<span><i class="pr-ring"></i><b>${escaped(say("last_answer"))}</b></span>`);
    redrawn(at("pr-map-legend"), () => { at("pr-map-legend").innerHTML = signs.join(""); });
  }

  paperrag.act("map-group", ({ group }) => {
    const number = Number(group);
    if (!hidden.delete(number)) hidden.add(number);
    draw();
  });

  // --- the same points as a list ---

  function matching() {
    const words = at("pr-map-find").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const fits = (title) => words.every((word) => title.toLowerCase().includes(word));
    return new Set(points.titles.flatMap((title, row) => (fits(title) ? [row] : [])));
  }

  function list(found, ringed) {
    const rest = () => points.ids.map((_, row) => row).filter((row) => !ringed.includes(row));
    const rows = found ? [...found] : [...ringed, ...rest()];
    const items = rows.slice(0, LISTED).map((row) =>
      `<li><button data-act="open" data-entry="${escaped(points.ids[row])}">${escaped(points.titles[row])}${noteOf(row)}</button></li>`);
    const more = rows.length > LISTED ? `<li class="pr-faint">${escaped(say("map_more", { count: rows.length - LISTED }))}</li>` : "";
    at("pr-map-list").innerHTML = items.join("") + more || `<li class="pr-faint">${escaped(say("nothing_here"))}</li>`;
  }

  // "0 Abstract" says little where every note has one.
  function noteOf(row) {
    const note = points.notes[points.note[row]];
    return points.notes.length > 1 && !points.titles[row].includes(note) ? `<small>${escaped(note)}</small>` : "";
  }

  let wait = 0;

  function find() {
    clearTimeout(wait);
    if (points) wait = setTimeout(draw, 120);
  }

  on("theme", () => { if (plane && points) draw(); });
  on("index", anew);

  return { spot: (row) => plane.spot(row), get ring() { return plane.ring(); }, get names() { return plane.names(); } };
})();
