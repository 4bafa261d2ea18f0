// Puts fresh HTML over what is there, node by node: what stays the same is not touched, so ids,
// focus, text selection and a screen reader's place survive.

// `html` is one element with an id that is on the page.
export function patch(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  patchFrom(document.getElementById(fresh.id), fresh);
}

export function patchFrom(old, fresh) {
  if (old.dataset?.keep !== undefined && sameKind(old, fresh)) return; // a field one fills in
  if (!sameKind(old, fresh)) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  patchAttributes(old, fresh);
  patchChildren(old, fresh);
}

function sameKind(old, fresh) {
  return old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "");
}

function patchAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name === "open") continue; // what somebody unfolded stays so
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

// What has an id keeps its element wherever it moves to, so a list that grows at its head does not
// take the focus away from a field further down.
function patchChildren(old, fresh) {
  const wanted = new Set([...fresh.children].map((node) => node.id).filter(Boolean));
  for (const node of [...old.children]) if (node.id && !wanted.has(node.id)) node.remove();
  const known = new Map([...old.children].filter((node) => node.id).map((node) => [node.id, node]));
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const same = known.get(node.id);
    if (same === undefined && (at === null || known.has(at.id))) {
      old.insertBefore(document.importNode(node, true), at);
      continue;
    }
    if (same !== undefined && same !== at) {
      old.insertBefore(same, at);
      patchFrom(same, node);
      continue;
    }
    const next = at.nextSibling;
    patchFrom(at, node);
    at = next;
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
