// The routes through the deck: which slides Space shows. The first cell of a slide has {"talk": {"minutes": 1, "route": "15"}}
// in its metadata: the shortest route that it is on. Pure functions of the stops, which are the slides in their order.

/** @type {Route[]} */
export const ROUTES = ["15", "35", "all"];
/** @type {Record<Route, string>} */
export const NAMES = { 15: "15 minutes", 35: "35 minutes", all: "all slides" };

/** @type {(stop: Stop, route: Route) => boolean} */
export const isOn = (stop, route) => ROUTES.indexOf(stop.route) <= ROUTES.indexOf(route);

/** @type {(route: Route) => Route} */
export const after = (route) => ROUTES[(ROUTES.indexOf(route) + 1) % ROUTES.length];

/**
 * Return the index of the next slide on the route, forward (1) or back (-1); -1 at its end.
 * @type {(stops: Stop[], at: number, by: 1 | -1, route: Route) => number}
 */
export function neighbor(stops, at, by, route) {
  for (let i = at + by; stops[i]; i += by) if (isOn(stops[i], route)) return i;
  return -1;
}

/**
 * Return the number of a slide on the route, which the room sees: a slide off the route has that of the one before.
 * @type {(stops: Stop[], at: number, route: Route) => { number: number, of: number }}
 */
export const numbered = (stops, at, route) => ({
  number: stops.slice(0, at + 1).filter((stop) => isOn(stop, route)).length,
  of: stops.filter((stop) => isOn(stop, route)).length,
});

/**
 * Return the minutes of the route up to a slide, and to its end: between them, the talk is on time.
 * @type {(stops: Stop[], at: number, route: Route) => { from: number, to: number, all: number }}
 */
export function minutes(stops, at, route) {
  /** @param {Stop[]} some */
  const sum = (some) => some.filter((stop) => isOn(stop, route)).reduce((all, stop) => all + stop.minutes, 0);
  return { from: sum(stops.slice(0, at)), to: sum(stops.slice(0, at + 1)), all: sum(stops) };
}
