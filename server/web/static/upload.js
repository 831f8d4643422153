// A file that is larger than the server takes is said so before it is sent: input[type=file][data-most-mb], told in its data-too-large.
for (const input of document.querySelectorAll("input[type=file][data-most-mb]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.mostMb) * 1024 * 1024);
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });
}
