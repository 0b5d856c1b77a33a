// Before anything is drawn: the page has a script, and the reader may have chosen light or dark.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let theme = new URLSearchParams(location.hash.slice(1)).get("theme");
  try {
    theme = theme || localStorage.getItem("plancast-theme");
  } catch {
    // A browser that keeps nothing for files: then the system decides.
  }
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
})();
