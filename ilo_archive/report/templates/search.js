(() => {
  const box = document.getElementById("find"), field = box.querySelector("input"), said = box.querySelector("output");
  const words = JSON.parse(document.getElementById("words").textContent);
  const rows = [...document.querySelectorAll(".lives li[id]")].map((row) => {
    const more = words[row.id.split("--")[0]] || "", printed = row.textContent.toLowerCase();
    return { row, more, printed, all: printed + " " + more.toLowerCase() };
  });
  const closed = [...document.querySelectorAll(".lives details:not([open])")];
  box.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { row, more, printed, all } of rows) {
      const fits = wanted.every((word) => all.includes(word));
      row.hidden = !fits;
      found += fits;
      row.querySelector(".hit")?.remove();
      if (fits && !wanted.every((word) => printed.includes(word))) {
        const hit = row.appendChild(document.createElement("p"));
        hit.className = "hit";
        hit.dir = "auto";
        hit.textContent = more;
      }
    }
    for (const each of closed) each.open = wanted.length > 0;
    for (const each of document.querySelectorAll(".lives details, .lives section")) each.hidden = !each.querySelector("li[id]:not([hidden])");
    said.textContent = wanted.length ? `${found} of ${rows.length} rows` : "";
    if (wanted.length) said.append(" · ", Object.assign(document.createElement("a"), { href: "#lives", textContent: "show" }));
  });
})();
