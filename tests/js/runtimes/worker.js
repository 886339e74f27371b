// For workers of pages.
import * as isoblob from "isoblob";

import { check } from "./check.js";

self.onmessage = ({ data: vectors }) => self.postMessage(check(isoblob, vectors));
self.postMessage("ready");
