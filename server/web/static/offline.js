// Says what this phone saw last and when, and goes on by itself when the connection is back.
const told = document.getElementById("last-seen");
const seen = JSON.parse(localStorage.getItem("phone.seen") ?? "null");
if (seen) {
  const at = new Date(seen.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  told.textContent = told.dataset.seen.replace("{place}", seen.place).replace("{time}", at);
}
document.getElementById("again").addEventListener("click", () => location.reload());
addEventListener("online", () => location.reload());
