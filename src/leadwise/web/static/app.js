// What every page has. Pages work without it: it remembers the time zone, and closes menus.
"use strict";

{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const said = "zone=" + encodeURIComponent(zone);
  if (zone && !document.cookie.split("; ").includes(said)) {
    document.cookie = said + ";path=/;max-age=31536000;samesite=lax";
  }

  const openMenus = () => document.querySelectorAll("details.me[open]");

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  });
}
