/**
 * `npm run bench:report`: writes the tables and plots of `docs/performance.md` anew from the figures that were taken.
 */
import * as Figures from "../all/Figures.ts"
import * as Page from "./Page.ts"

Page.write(Figures.read())
