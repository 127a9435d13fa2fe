// The Map tab: every entry a point, near what says similar things; the last answer's entries ringed. Plotly and the points come from
// this server, once for each index. Beside it stands a list of the same points, for the keyboard and for search.
(() => {
  const { act, address, escaped, on, part, say } = paperrag;
  const PLOTLY = new URL("paperrag/plotly", location.href.split(/[?#]/)[0]).href;
  const SETTLED_MS = 3000;
  const DENSE = 10_000; // from so many entries on, points are small and pale
  const LISTED = 100;
  const COLOURS = ["#0f766e", "#d97706", "#4c6fbf", "#b8487e", "#65a30d", "#7c5cbf", "#c2513a", "#0891b2", "#a1801f", "#5f8a5f", "#9f5f80", "#507b9c"];
  let place = null;
  let points = null;
  let script = null;
  let isSeen = false;
  let drawnLit = "";
  const at = (id) => document.getElementById(id);

  part("map", (where) => {
    place = where;
    place.innerHTML = `<div id="pr-map"><p class="pr-faint">${escaped(say("map_hint"))}</p><div id="pr-map-row">
      <div class="pr-map">${escaped(say("map_loading"))}</div><div id="pr-map-side"><input type="search" id="pr-map-find"
      aria-label="${escaped(say("search_entries"))}" placeholder="${escaped(say("map_find"))}"><ul class="pr-entries" id="pr-map-list"></ul></div></div></div>`;
    at("pr-map-find").addEventListener("input", find);
    new IntersectionObserver(([seen]) => { // Plotly is large and measures its place: nothing is drawn before the tab is open
      isSeen = seen.isIntersecting;
      if (isSeen && (!plot().dataset.drawn || drawnLit !== lit().join())) draw();
    }).observe(plot());
  });

  const plot = () => place.querySelector(".pr-map");
  const lit = () => paperrag.chat.cited;

  function loadPlotly() {
    script ??= new Promise((resolve, reject) => {
      const tag = Object.assign(document.createElement("script"), { src: PLOTLY, onload: resolve, onerror: reject });
      document.head.append(tag);
    });
    return script;
  }

  // Plotly takes a while to load: its file comes once the page has settled, and is run when somebody is about to open the tab.
  setTimeout(() => document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href: PLOTLY })), SETTLED_MS);
  for (const sign of ["pointerover", "pointerdown", "focusin"]) {
    document.addEventListener(sign, (event) => {
      if (event.target.closest?.("#pr-tab-map-button")) loadPlotly().catch(() => {});
    });
  }

  async function draw() {
    const spot = plot();
    try {
      const fetched = points ?? fetch("paperrag/map").then((reply) => reply.json());
      [points] = await Promise.all([fetched, loadPlotly()]);
    } catch {
      spot.textContent = say("map_failed");
      return;
    }
    if (!spot.dataset.drawn) spot.textContent = "";
    drawnLit = lit().join();
    await Plotly.react(spot, traces(), layout(), { displaylogo: false, responsive: true, scrollZoom: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"] });
    if (!spot.dataset.drawn) spot.on("plotly_click", ({ points: [point] }) => open(point.customdata));
    await Plotly.relayout(spot, { annotations: apart(spot) });
    spot.dataset.drawn = String(points.ids.length);
    list();
  }

  function open(entry) {
    const button = Object.assign(document.createElement("button"), { hidden: true });
    Object.assign(button.dataset, { act: "open", entry });
    place.append(button);
    button.click();
    button.remove();
  }

  const ink = () => getComputedStyle(document.querySelector(".gradio-container")).getPropertyValue("--pr-ink").trim();

  function layout() {
    const style = getComputedStyle(document.body);
    return {
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: ink(), family: style.fontFamily, size: 12 },
      margin: { l: 4, r: 4, t: 4, b: 4 }, hovermode: "closest", dragmode: "pan", showlegend: innerWidth > 760,
      legend: { itemsizing: "constant" }, xaxis: { visible: false }, yaxis: { visible: false, scaleanchor: "x" }, annotations: labels(),
    };
  }

  // Each group is named where its points are densest: at the median of its points.
  function labels() {
    const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    return points.groups.map((name, number) => {
      const rows = points.group.flatMap((group, row) => (group === number ? [row] : []));
      return {
        x: middle(rows.map((row) => points.x[row])), y: middle(rows.map((row) => points.y[row])), text: plain(name), showarrow: false,
        font: { size: 11, color: ink() }, opacity: 0.85, bgcolor: getComputedStyle(document.querySelector(".gradio-container")).getPropertyValue("--pr-veil").trim(),
      };
    });
  }

  // Names that would cover one another move down, the larger group's stays; one that finds no room is left to the legend.
  function apart(spot) {
    const { xaxis, yaxis } = spot._fullLayout;
    const taken = [];
    return labels().filter((label) => {
      const middle = xaxis.d2p(label.x);
      const wide = 3.4 * label.text.length + 6;
      for (let down = 0; down <= 4; down++) {
        const line = yaxis.d2p(label.y) + 15 * down;
        if (taken.some(([x, y, half]) => Math.abs(y - line) < 15 && Math.abs(x - middle) < half + wide)) continue;
        taken.push([middle, line, wide]);
        label.yshift = -15 * down;
        return true;
      }
      return false;
    });
  }

  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;"); // Plotly reads tags in labels

  function traces() {
    const found = matching();
    const ringed = new Set(lit());
    const count = points.ids.length;
    const size = count > DENSE ? 3 : count > 1500 ? 5 : 8;
    const named = points.groups.map((name, number) =>
      trace(name, (row) => points.group[row] === number, { size, opacity: count > DENSE ? 0.4 : 0.75, color: COLOURS[number % COLOURS.length] }));
    const others = trace(say("other_sections"), (row) => points.group[row] < 0, { size, opacity: 0.5, color: "#94a3b8" });
    const ring = { symbol: "circle-open", color: ink(), line: { width: 2.5 } };
    const rings = trace(say("last_answer"), (row) => ringed.has(points.ids[row]), { ...ring, size: size + 8 });
    const hits = trace(say("map_found"), (row) => found?.has(row), { symbol: "circle", color: "#e11d48", size: size + 3 });
    return [...named, others, hits, rings].filter((one) => one.x.length);
  }

  function trace(name, wanted, marker) {
    const rows = points.ids.map((_, row) => row).filter(wanted);
    const column = (values) => rows.map((row) => values[row]);
    const label = (row) => plain(points.titles[row]) + (points.abstract[row] ? `<br><i>${plain(say("kind_abstract"))}</i>` : "");
    return {
      type: hasWebGL() ? "scattergl" : "scatter", mode: "markers", name: plain(name), hovertemplate: "%{text}<extra>%{fullData.name}</extra>",
      x: column(points.x), y: column(points.y), text: rows.map(label), customdata: column(points.ids),
      marker: { symbol: rows.map((row) => (points.abstract[row] ? "diamond" : "circle")), ...marker },
    };
  }

  let webgl = null;

  function hasWebGL() {
    webgl ??= Boolean(document.createElement("canvas").getContext("webgl"));
    return webgl;
  }

  // --- the same points as a list ---

  function matching() {
    const words = at("pr-map-find").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const fits = (title) => words.every((word) => title.toLowerCase().includes(word));
    return new Set(points.titles.flatMap((title, row) => (fits(title) ? [row] : [])));
  }

  function list() {
    const found = matching();
    const ringed = new Set(lit());
    const rows = found ? [...found] : points.ids.map((_, row) => row).sort((a, b) => ringed.has(points.ids[b]) - ringed.has(points.ids[a]));
    const items = rows.slice(0, LISTED).map((row) =>
      `<li><button data-act="open" data-entry="${escaped(points.ids[row])}">${escaped(points.titles[row])}</button></li>`);
    const more = rows.length > LISTED ? `<li class="pr-faint">${escaped(say("map_more", { count: rows.length - LISTED }))}</li>` : "";
    at("pr-map-list").innerHTML = items.join("") + more || `<li class="pr-faint">${escaped(say("nothing_here"))}</li>`;
  }

  let wait = 0;

  function find() {
    clearTimeout(wait);
    if (points) wait = setTimeout(draw, 120);
  }

  on("theme", () => { if (place && isSeen) draw(); else if (place) delete plot().dataset.drawn; });
  on("index", () => {
    points = null;
    if (place && isSeen) draw();
    else if (place) delete plot().dataset.drawn;
  });
})();
