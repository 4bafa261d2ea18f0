// The carts' page, alive: puts the parts that changed over what is there.

import { again, ages, announce, live } from "./page.js";
import { patch } from "./patch.js";

live({
  event: "cards",
  onNews({ now, order, parts }) {
    ages.setNow(now);
    const shown = [...document.querySelectorAll(".cart")].map((cart) => cart.dataset.cart);
    if (order.join() !== shown.join()) {
      again(); // carts were added or taken away
      return;
    }
    for (const html of parts) patch(html);
    ages.tick();
    announce();
  },
  onBeat: ({ now }) => ages.setNow(now),
});
