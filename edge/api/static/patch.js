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
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function patchChildren(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, index) => {
    if (index < before.length) patchFrom(before[index], node);
    else old.append(document.importNode(node, true));
  });
  for (const node of before.slice(after.length)) node.remove();
}
