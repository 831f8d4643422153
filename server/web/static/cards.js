// On a phone the rows of a wide table stand as cards (`table.cb-labelled`, see clockbridge.css): each cell says what its heading says.
const label = () => {
  for (const table of document.querySelectorAll("table.cb-labelled")) {
    const heads = [...table.querySelectorAll("thead tr:first-child > *")].map((one) => one.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      [...row.cells].forEach((cell, place) => {
        if (cell.tagName === "TD" && heads[place] && !("label" in cell.dataset)) cell.dataset.label = heads[place];
      });
    }
  }
};

label();
new MutationObserver(label).observe(document.getElementById("main"), { childList: true, subtree: true });
