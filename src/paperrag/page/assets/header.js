// The header says what is indexed; all parts hear of it when another index is served. A page that nobody sees does not ask.
paperrag.header = (() => {
  const { escaped, part, readNewest, say, tell } = paperrag;
  const LOOK_MS = 4000;
  let place = null;
  let stamp = null;

  part("header", (where) => {
    place = where;
    place.innerHTML = '<div class="pr-brand"><h1>paperrag</h1><span id="pr-indexed"></span></div>';
    look();
  });

  async function look() {
    const facts = place?.querySelector("#pr-indexed");
    if (!facts || document.hidden) return;
    const seen = await readNewest("header", "header").catch((error) => ({ html: `<b class="pr-stale">${escaped(error.message)}</b>`, stamp }));
    if (!seen || !facts.isConnected) return;
    if (facts.dataset.html !== seen.html) {
      facts.innerHTML = seen.html;
      facts.dataset.html = seen.html;
    }
    const isOther = stamp !== null && stamp !== seen.stamp;
    stamp = seen.stamp;
    if (isOther) tell("index");
  }

  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);

  return { look };
})();
