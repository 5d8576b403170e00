// A page for addresses that lead nowhere: it has only what all pages share.
import { listen } from "./shell.js";

listen(() => {});
