// Before the first paint: the colours that the reader has chosen, and whether the dates of
// a period stand open. A plain script, because modules run after it.
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Without storage the colours are the system's.
  }
  const query = new URLSearchParams(location.search);
  if (query.get("from") && query.get("to")) root.dataset.dates = "";
}
