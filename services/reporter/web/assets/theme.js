// Before the first paint: the colours that the reader has chosen. A plain script,
// because modules run after it.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the colours are the system's.
}
