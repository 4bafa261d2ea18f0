// On a phone the links to the pages stand in one line, and the open page's may stand outside of it.
// It is no module: it runs before the line is first drawn, so that no link moves under a finger.
// Only that line is moved: the page itself stays where somebody has scrolled to.

(() => {
  const here = document.querySelector(".top nav [aria-current]");
  if (here === null) return;
  const line = here.parentElement;
  line.scrollLeft = here.offsetLeft - line.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
})();
