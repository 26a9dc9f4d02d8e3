"use strict";
(() => {
  document.documentElement.classList.add("js");
  const all = [...document.querySelectorAll("script.data")].map((one) => JSON.parse(one.textContent));
  const sheets = [...document.querySelectorAll(".sheet")];
  const state = new URLSearchParams(location.hash.slice(1).includes("=") ? location.hash.slice(1) : "");
  const save = () => {
    const text = state.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  };
  const set = (key, value) => { if (value) state.set(key, value); else state.delete(key); save(); };

  const WORDS = {
    times: ["time", "slower", "faster", "within noise"], memory: ["memory", "more", "less", "within noise"],
    counts: ["track", "rose", "fell", "unchanged"],
  };
  const digits = (value, most) => Number(value.toPrecision(most)).toLocaleString("en-US", { maximumSignificantDigits: most });
  const SCALES = { seconds: [[1, " s"], [1e-3, " ms"], [1e-6, " µs"]], bytes: [[1e9, " GB"], [1e6, " MB"], [1e3, " kB"], [1, " bytes"]] };
  function shown(value, unit) {
    if (SCALES[unit]) {
      const [scale, suffix] = SCALES[unit].find(([least]) => Math.abs(value) >= least) ?? SCALES[unit].at(-1);
      return `${value / scale >= 100 ? Math.round(value / scale).toLocaleString("en-US") : digits(value / scale, 3)}${suffix}`;
    }
    return Number.isInteger(value) ? value.toLocaleString("en-US") : digits(value, 3);
  }
  const isValue = (value) => typeof value === "number"; // null: not measured; false: no result
  const described = (series) => Object.entries(series.parameters).map(([name, value]) => `${name} ${value.replaceAll("'", "")}`).join(", ");

  const compared = (judged, old, now) => {
    const factor = old ? now / old : now ? Infinity : 1, least = 1 + judged.threshold;
    return factor <= least && factor >= 1 / least ? 0 : (factor > 1) !== judged.higher ? 1 : -1;
  };

  // Worse 1, better -1, neither 0, with the changes between, as catalog/benchmarks/dashboard/comparison.py has it; null where there are no two runs.
  function outcome(series, a, b) {
    const { values, judged } = series;
    if (!judged) return null;
    let first = a;
    while (first >= 0 && !isValue(values[first])) first--;
    if (first < 0) first = values.findIndex((value, i) => i > a && i <= b && isValue(value));
    if (first < 0 || b <= first || values[b] === null) return null;
    const changes = judged.changes.filter(([at]) => at > first && at <= b);
    const worse = changes.filter(([, , worse]) => worse), lost = values[b] === false;
    const was = lost ? 1 : changes.length ? compared(judged, judged.levels[first], judged.levels[b]) : 0;
    const unnoted = was === 1 && (worse.some(([, , , accepted]) => !accepted) || (lost && !changes.some(([at]) => judged.levels[at] === null)));
    const backAt = new Set(worse.filter(([, old]) => !lost && compared(judged, old, judged.levels[b]) <= 0).map(([at]) => at));
    return { was, unnoted, between: was <= 0 && worse.length > 0, at: new Set(changes.map(([at]) => at)), backAt };
  }

  function control(sheet, data, number) {
    const $ = (selector) => sheet.querySelector(selector);
    const figures = [...sheet.querySelectorAll("figure")];
    const from = $(".from"), to = $(".to"), filter = $(".filter"), only = $(".only");
    const key = (name) => (number ? `${name}${number}` : name);
    const place = (name, other) => {
      const found = data.commits.findIndex(({ hash }) => state.get(key(name)) && hash.startsWith(state.get(key(name))));
      return found < 0 ? other : found;
    };
    from.value = place("from", 0);
    to.value = place("to", data.commits.length - 1);
    filter.value = state.get(key("filter")) ?? "";
    only.checked = state.has(key("only"));
    const hidden = new Set((state.get(key("hide")) ?? "").split("|").filter(Boolean));

    function compare() {
      const a = Number(from.value), b = Number(to.value);
      for (const option of to.options) option.disabled = Number(option.value) <= a;
      for (const option of from.options) option.disabled = Number(option.value) >= b;
      const found = data.graphs.flatMap(({ series }) => series.map((one) => ({ ...one, ...outcome(one, a, b) }))).filter(({ was }) => was !== undefined);
      const count = (kind, wanted) => found.filter((one) => one.kind === kind && one.was === wanted).length;
      for (const tile of sheet.querySelectorAll(".tally div")) {
        const [kind] = WORDS[tile.dataset.kind];
        [...tile.querySelectorAll("dd")].forEach((dd, i) => {
          const many = count(kind, [1, -1, 0][i]);
          dd.querySelector("b").textContent = many;
          dd.className = many ? ["bad", "good", ""][i] : "";
        });
      }
      const named = new Map(found.map((one) => [one.name, one]));
      const belongs = [({ was }) => was === 1, ({ between }) => between, ({ was }) => was === -1];
      sheet.querySelectorAll(".changes").forEach((section, i) => {
        for (const row of section.querySelectorAll("tbody tr")) {
          const one = named.get(row.dataset.series), at = Number(row.dataset.at);
          row.hidden = !(one && belongs[i](one) && one.at.has(at));
          const fate = row.querySelector(".fate");
          if (fate) fate.textContent = one?.backAt.has(at) ? "taken back since" : "outweighed by what became better before";
        }
        const count = found.filter(belongs[i]).length;
        section.querySelector(".none").hidden = count > 0;
        section.querySelector(".scroll").hidden = !count;
        section.querySelector(".count").textContent = count;
      });
      $(".answer").innerHTML = answer(found);
      select();
    }

    function answer(found) { // as catalog/benchmarks/dashboard/page.py has it
      if (!found.length) return "Nothing was measured at both.";
      const sentence = ([name, [kind, verb]]) => {
        const judged = found.filter((one) => one.kind === kind), isTime = kind === "time";
        if (!judged.length) return isTime ? "No time was measured at both." : "";
        const worse = judged.filter(({ was }) => was === 1).length, without = judged.filter(({ unnoted }) => unnoted).length;
        const yes = worse ? '<span class="bad">Yes:</span>' : '<span class="good">No:</span>';
        const start = isTime ? yes : `${name[0].toUpperCase()}${name.slice(1)}:`;
        const why = without ? `<span class="bad">${without} without a reason</span>` : "each with a reason";
        const text = `${start} ${worse || "none"} of ${judged.length}${isTime ? " times" : ""} ${verb}${worse ? `, ${why} in the changelog` : ""}.`;
        return isTime ? text : `<span class="beside">${text}</span>`;
      };
      return Object.entries(WORDS).map(sentence).filter(Boolean).join(" ");
    }

    function select() {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const a = Number(from.value), b = Number(to.value);
      let shownFigures = 0;
      figures.forEach((figure, i) => {
        const { name, series } = data.graphs[i];
        const text = [name, ...series.map(described)].join(" ").toLowerCase();
        figure.hidden = !words.every((word) => text.includes(word)) || (only.checked && !series.some((one) => { const found = outcome(one, a, b); return found && (found.was || found.between); }));
        shownFigures += !figure.hidden;
      });
      for (const grid of sheet.querySelectorAll(".graphs")) {
        grid.hidden = grid.previousElementSibling.hidden = ![...grid.children].some((figure) => !figure.hidden);
      }
      $(".shown").textContent = `${shownFigures} of ${figures.length} graphs`;
    }

    from.addEventListener("change", () => { set(key("from"), data.commits[from.value].hash.slice(0, 10)); compare(); });
    to.addEventListener("change", () => { set(key("to"), data.commits[to.value].hash.slice(0, 10)); compare(); });
    filter.addEventListener("input", () => { set(key("filter"), filter.value); select(); });
    only.addEventListener("change", () => { set(key("only"), only.checked ? "1" : ""); select(); });
    figures.forEach((figure, i) => graph(figure, data.graphs[i], data.commits, hidden, () => set(key("hide"), [...hidden].join("|"))));
    compare();
  }

  const csv = (series, commits) => {
    const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
    const rows = series.values.flatMap((value, i) => value === null ? [] : [[
      commits[i].hash, commits[i].date, quoted(commits[i].subject), value === false ? "" : value,
      series.low?.[i] ?? "", series.high?.[i] ?? "",
    ].join(",")]);
    const head = `commit,date,subject,${quoted(`${series.name} (${series.unit})`)},low_99,high_99`;
    return `data:text/csv;charset=utf-8,${encodeURIComponent([head, ...rows, ""].join("\n"))}`;
  };

  function graph(figure, data, commits, hidden, keep) {
    const svg = figure.querySelector("svg"), read = figure.querySelector(".read"), plot = figure.querySelector(".plot");
    const layer = svg.querySelector(".line0_marks").parentNode;
    const frame = { width: 316, height: 176 }, [low, high, log] = data.axis;
    const x = (i, line) => (i + 0.5 + data.dodged[line]) / commits.length * frame.width;
    const scale = log ? Math.log : Number;
    const y = (value) => frame.height * (scale(high) - scale(value)) / (scale(high) - scale(low));
    const make = (name, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.style.display = "none";
      return layer.appendChild(made);
    };
    const cursor = make("path", { class: "cursor" }), ring = make("circle", { class: "nearest", r: 6 });
    const name = (line) => `${data.name}~${line}`;
    const visible = (line) => !hidden.has(name(line));
    let at = null;

    function show(i, line) {
      at = [i, line];
      const series = data.series[line], value = series.values[i];
      const [px, py] = [x(i, line), y(value)];
      cursor.setAttribute("d", `M${px.toFixed(1)} 0V${frame.height}`);
      ring.setAttribute("cx", px.toFixed(1));
      ring.setAttribute("cy", py.toFixed(1));
      cursor.style.display = ring.style.display = "";
      const parts = [described(series), shown(value, series.unit)].filter(Boolean).join(": ");
      const unit = SCALES[series.unit] ? "" : ` ${series.unit}`;
      const interval = isValue(series.low?.[i]) ? ` (99%: ${shown(series.low[i], series.unit)} to ${shown(series.high[i], series.unit)})` : "";
      const per = data.amount && value > 0 ? `, ${digits(data.amount[0] / value, 3)} ${data.amount[1]} per second` : "";
      const missed = series.missed?.includes(i) ? ", tolerance not reached" : "";
      const apart = series.judged?.apart?.includes(i) ? ", taken back by the next run" : "";
      const same = data.series.filter((other, k) => k !== line && visible(k) && other.values[i] === value).map(described);
      const commit = commits[i];
      read.replaceChildren();
      const add = (tag, text) => { const made = document.createElement(tag); made.textContent = text; read.append(made); };
      add("b", `${parts}${unit}`);
      add("span", `${per}${interval}${missed}${apart}${same.length ? `; the same: ${same.join("; ")}` : ""}`);
      read.append(document.createElement("br"));
      add("span", `${commit.hash.slice(0, 8)}, ${commit.date}, ${commit.subject}`);
    }

    const points = () => data.series.flatMap((series, line) => visible(line)
      ? series.values.flatMap((value, i) => isValue(value) && (value > 0 || !log) ? [[i, line, x(i, line), y(value)]] : []) : []);

    function nearest(event) {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(layer.getScreenCTM().inverse());
      let best = null, least = Infinity;
      for (const [i, line, px, py] of points()) {
        const far = Math.hypot((px - point.x) * 2, py - point.y);
        if (far < least) [best, least] = [[i, line], far];
      }
      if (best) show(...best);
    }
    plot.addEventListener("pointermove", nearest);
    plot.addEventListener("pointerdown", nearest);
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const there = points();
      if (!step || !there.length) return;
      event.preventDefault();
      if (!at) return show(there.at(-1)[0], there.at(-1)[1]);
      const [i, line] = at;
      const next = step[0] ? there.filter((p) => p[1] === line && (p[0] - i) * step[0] > 0).sort((p, q) => Math.abs(p[0] - i) - Math.abs(q[0] - i))
        : there.filter((p) => p[0] === i && (p[1] - line) * step[1] > 0).sort((p, q) => Math.abs(p[1] - line) - Math.abs(q[1] - line));
      if (next.length) show(next[0][0], next[0][1]);
    });

    for (const item of figure.querySelectorAll(".lines li")) {
      const line = Number(item.dataset.line), button = item.querySelector("button");
      const parts = ["band", "line", "run", "missed", "apart", "worse"].map((kind) => svg.querySelector(`.${kind}${line}_marks`)).filter(Boolean);
      const apply = () => {
        button.setAttribute("aria-pressed", visible(line));
        for (const part of parts) part.style.display = visible(line) ? "" : "none";
        if (at && at[1] === line && !visible(line)) cursor.style.display = ring.style.display = "none";
      };
      button.addEventListener("click", () => { if (!hidden.delete(name(line))) hidden.add(name(line)); keep(); apply(); });
      const link = item.querySelector(".csv");
      link.href = csv(data.series[line], commits);
      link.download = `${data.series[line].name.replaceAll(/[^\w.-]+/g, "_")}.csv`;
      link.setAttribute("aria-label", `CSV of ${described(data.series[line]) || data.name}`);
      apply();
    }
  }

  for (const link of document.querySelectorAll(".changes td a")) {
    link.addEventListener("click", (event) => { // the address keeps the state
      event.preventDefault();
      const figure = document.getElementById(link.getAttribute("href").slice(1)), sheet = figure.closest(".sheet");
      for (const [selector, empty] of [[".filter", "value"], [".only", "checked"]]) {
        const input = sheet.querySelector(selector);
        if (figure.hidden && input[empty]) {
          input[empty] = empty === "value" ? "" : false;
          input.dispatchEvent(new Event(empty === "value" ? "input" : "change"));
        }
      }
      figure.scrollIntoView();
      figure.querySelector(".plot").focus({ preventScroll: true });
    });
  }

  sheets.forEach((sheet, number) => control(sheet, all[number], number));
  const choice = document.querySelector("#configuration");
  if (choice) {
    choice.value = state.get("on") ?? "0";
    const choose = () => sheets.forEach((sheet) => { sheet.hidden = sheet.dataset.number !== choice.value; });
    choice.addEventListener("change", () => { set("on", choice.value === "0" ? "" : choice.value); choose(); });
    choose();
  }
})();
