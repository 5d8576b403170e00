// Links to the pages of what the data names.
import { el, name } from "./dom.js";

// productPath is a product's page, with the part of an address that names a period.
export const productPath = (id, period = "") => `/products/${encodeURIComponent(id)}${period}`;

export const productLink = (id, text = id, period = "") => el("a", { href: productPath(id, period) }, name(text));
export const customerLink = (id, text = id) => el("a", { href: `/customers/${encodeURIComponent(id)}` }, name(text));
export const orderLink = (id) => el("a", { href: `/orders/${encodeURIComponent(id)}` }, name(id));

// idOf is the id that the page's own path ends with.
export const idOf = () => decodeURIComponent(location.pathname.split("/").pop());
