// A panel's chart, map or bars as a picture with title, period and source.
import { color } from "./chart.js";

const MARGIN = 24;
const SCALE = 2; // pixels of the picture per pixel of the page
const LINE = 44; // of a bar

const pictures = (section) => [...section.querySelectorAll(".plot canvas, .frame > .uplot canvas, svg.us, .bars")];

// paintable tells whether the panel shows a picture.
export const paintable = (section) => pictures(section).length > 0;

const labelOf = (picture) => picture.closest(".plot")?.querySelector(".plot-label")?.textContent ?? "";

const heightOf = (picture) => (picture.matches(".bars") ? picture.children.length * LINE : picture.getBoundingClientRect().height) + (labelOf(picture) ? 22 : 0) + 10;

// bars draws a list of bars: what stands on the page, with its shares.
function bars(ctx, list, x, y, width, write) {
  for (const [i, item] of [...list.children].entries()) {
    const top = y + i * LINE;
    const shown = (selector) => [...(item.querySelector(selector)?.childNodes ?? [])].map((n) => (n.querySelector?.(".exact") ?? n).textContent).join(" ").trim();
    write(shown(".label"), x, top + 14, { most: width * 0.6 });
    write(shown(".value"), x + width, top + 14, { align: "right", most: width * 0.38 });
    if (item.matches(".others")) continue;
    const bar = item.querySelector(".bar span");
    ctx.fillStyle = color("--track");
    ctx.fillRect(x, top + 22, width, 6);
    ctx.fillStyle = getComputedStyle(bar).backgroundColor;
    ctx.fillRect(x, top + 22, width * Math.max(0, Math.min(1, Number(bar.style.getPropertyValue("--share")))), 6);
  }
}

// map draws the shapes of the map as they are coloured on the page.
function map(ctx, svg, x, y) {
  const box = svg.viewBox.baseVal;
  const scale = svg.getBoundingClientRect().width / box.width;
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(scale, scale);
  ctx.translate(-box.x, -box.y);
  for (const path of svg.querySelectorAll("path")) {
    const style = getComputedStyle(path);
    const shape = new Path2D(path.getAttribute("d"));
    ctx.fillStyle = style.fill;
    ctx.fill(shape);
    ctx.strokeStyle = style.stroke;
    ctx.lineWidth = parseFloat(style.strokeWidth);
    ctx.stroke(shape);
  }
  ctx.restore();
}

// paint gives the panel's picture as a PNG.
export async function paint(section, title, when, source) {
  const shown = pictures(section);
  const width = section.querySelector(".body").clientWidth;
  const keys = [...section.querySelectorAll(".keys li")];
  const height = shown.reduce((sum, p) => sum + heightOf(p), 0) + 74 + (keys.length > 0 ? 22 : 0) + 26;
  const canvas = document.createElement("canvas");
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (height + 2 * MARGIN) * SCALE;
  const ctx = canvas.getContext("2d");
  ctx.scale(SCALE, SCALE);
  ctx.fillStyle = color("--surface");
  ctx.fillRect(0, 0, width + 2 * MARGIN, height + 2 * MARGIN);
  const family = getComputedStyle(document.body).fontFamily;
  const write = (text, x, y, { size = 14, weight = 500, tone = "--ink", align = "left", most = width } = {}) => {
    ctx.font = `${weight} ${size}px ${family}`;
    ctx.fillStyle = color(tone);
    ctx.textAlign = align;
    ctx.fillText(text, x, y, most);
  };
  let y = MARGIN;
  write(title, MARGIN, y + 20, { size: 20, weight: 650 });
  write(when, MARGIN, y + 44, { tone: "--ink-soft" });
  y += 74;
  if (keys.length > 0) {
    let x = MARGIN;
    for (const key of keys) {
      ctx.fillStyle = getComputedStyle(key, "::before").backgroundColor;
      ctx.fillRect(x, y - 10, 10, 10);
      write(key.textContent, x + 16, y, { size: 13, tone: "--ink-soft" });
      x += 40 + ctx.measureText(key.textContent).width;
    }
    y += 22;
  }
  for (const picture of shown) {
    const label = labelOf(picture);
    if (label) write(label, MARGIN, y + 10, { size: 13, tone: "--ink-soft" });
    const top = y + (label ? 22 : 0);
    const box = picture.getBoundingClientRect();
    if (picture.matches(".bars")) bars(ctx, picture, MARGIN, top, width, write);
    else if (picture.matches("canvas")) ctx.drawImage(picture, MARGIN, top, box.width, box.height);
    else map(ctx, picture, MARGIN, top);
    y += heightOf(picture);
  }
  write(source, MARGIN, y + 18, { size: 12, weight: 400, tone: "--ink-faint" });
  return new Promise((made, failed) => {
    canvas.toBlob((blob) => (blob ? made(blob) : failed(new Error("The picture could not be made."))), "image/png");
  });
}
