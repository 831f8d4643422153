// A file that is too large is refused before it is sent: on a slow line it would be minutes before the server could say so.
const form = document.querySelector("form[data-most]");
const file = form?.querySelector("input[type=file]");
file?.addEventListener("change", () => {
  const tooLarge = [...file.files].some((one) => one.size > Number(form.dataset.most));
  file.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
  if (tooLarge) file.reportValidity();
});
