// Keeps the page's numbers as they are now; without it the page says the same, as of when it was loaded.
// Listens to /live, swaps what changed ([data-live]), tells so politely, can be paused, remembers nothing.
"use strict";
(() => {
  const QUIET_MS = 30000; // between two things said to a screen reader
  const LOST_MS = 40000; // the server says something every 15 s
  const PATIENCE_MS = 6000; // to connect
  const page = document.body;
  const state = document.getElementById("live-state");
  const said = document.getElementById("live-said");
  const lang = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: state?.dataset.zone });
  const ago = new Intl.RelativeTimeFormat(lang);
  let version = page.dataset.version;
  let asOf = new Date(page.dataset.asOf);
  let ahead = null; // of the server's clock against this one's, so that ages are right on a wrong clock
  let source = null;
  let heard = 0; // when the server last said something
  let linked = 0; // when there last was a connection
  let paused = false;
  let changed = 0;
  let spoken = Date.now();

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const now = () => Date.now() + (ahead ?? 0);

  function show() {
    if (!state) return;
    if (source?.readyState === EventSource.OPEN) linked = Date.now();
    const lost = !paused && (Date.now() - linked > PATIENCE_MS || Date.now() - heard > LOST_MS);
    const kind = paused ? "paused" : lost ? "lost" : "on";
    const text = fill(state.dataset[kind], { time: clock.format(asOf) });
    const place = document.getElementById("live-text");
    if (place.textContent !== text) place.textContent = text;
    state.classList.toggle("is-lost", lost);
    state.classList.toggle("is-paused", paused);
    state.hidden = false;
  }

  function tell() {
    if (!changed || !said || paused || Date.now() - spoken < QUIET_MS) return;
    said.textContent = fill(state.dataset.said, { n: changed, time: clock.format(asOf) });
    spoken = Date.now();
    changed = 0;
  }

  function swap(fragments) {
    for (const [id, html] of Object.entries(fragments)) {
      const place = document.querySelector(`[data-live="${CSS.escape(id)}"]`);
      if (!place || place.innerHTML === html) continue;
      // Who stands on a link in what is swapped, stands on the same one after it.
      const links = [...place.querySelectorAll("a, summary")];
      const at = links.indexOf(document.activeElement);
      place.innerHTML = html;
      if (at >= 0) place.querySelectorAll("a, summary")[at]?.focus({ preventScroll: true });
      if (id === "as-of") continue;
      changed += 1;
      place.classList.remove("was-changed");
      void place.offsetWidth;
      place.classList.add("was-changed");
    }
  }

  function take(event) {
    const told = JSON.parse(event.data);
    heard = Date.now();
    version = told.version;
    if (told.as_of) {
      asOf = new Date(told.as_of);
      ahead ??= Math.max(0, asOf - Date.now());
    }
    if (told.fragments) swap(told.fragments);
    show();
    tell();
  }

  function listen() {
    const address = encodeURIComponent(location.pathname + location.search);
    source = new EventSource(`/live?page=${address}&version=${version}`);
    for (const name of ["version", "fragments", "heartbeat"]) source.addEventListener(name, take);
    source.addEventListener("structure", (event) => {
      take(event);
      const link = document.getElementById("live-structure");
      if (page.classList.contains("wall")) setTimeout(() => location.reload(), QUIET_MS);
      else if (link) { link.href = location.href; link.hidden = false; }
    });
    source.onerror = () => {
      // A browser gives up after a refusal (too many listeners); we come back later.
      if (source && source.readyState === EventSource.CLOSED) { source = null; setTimeout(again, QUIET_MS); }
      show();
    };
  }

  function resume() {
    if (source || paused || document.hidden) return;
    linked = heard = Date.now();
    listen();
    show();
  }

  function again() {
    const lost = linked;
    resume();
    linked = Math.min(linked, lost); // still lost until it is open
  }

  function stop() {
    if (source) source.close();
    source = null;
  }

  function ages() {
    for (const time of document.querySelectorAll("time[data-age]")) {
      const seconds = Math.max(1, Math.round((now() - new Date(time.dateTime)) / 1000));
      const steps = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
      const [length, unit] = steps.find(([size]) => seconds >= size * 1.5) ?? [1, "second"];
      time.textContent = ago.format(-Math.round(seconds / length), unit);
    }
    const time = document.querySelector("time[data-clock]");
    if (time) time.textContent = clock.format(new Date());
  }

  document.getElementById("live-pause")?.addEventListener("click", (event) => {
    paused = !paused;
    const button = event.currentTarget;
    button.dataset.pause ??= button.textContent;
    button.textContent = paused ? state.dataset.resume : button.dataset.pause;
    if (paused) stop();
    else resume();
    show();
  });
  // A page in the background needs no news; one that was kept by "back" begins anew.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else resume();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", resume);
  setInterval(() => { if (!paused) ages(); show(); tell(); }, 5000);
  resume();
})();
