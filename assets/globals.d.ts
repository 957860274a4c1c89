// Types of what our scripts share or find in the page. No script loads this file: the type checker reads it.

// ---- The exported page (assets/deck/js): view.js creates `deck`, each other script adds its part. ----

declare const deck: Deck;

interface Window {
  look: { broken(slide: { scale: number; blocks: Element[]; frame: Element[]; text: Element[]; footer: Element[]; exhibit: Element[] | null }): string[] };
  deck: Deck;
}

interface Deck {
  title: string;
  view(): "slides" | "article" | "print";
  theme(): "light" | "dark";
  size(): { scale: number; bar: number; width: number; height: number };
  apply(): void;
  asked(): URLSearchParams;
  address(changes: Record<string, string | null>, hash?: string): string;
  remember(changes: Record<string, string | null>): void;
  goal(): string;
  one(selector: string, root?: ParentNode): HTMLElement;
  actions: Record<string, () => void>; // by the name in a button's data-do
  exhibit(slide: HTMLElement): void;
  fit(slide: HTMLElement, scale: number): void;
  stage: { show(id: string): void; refit(slide?: HTMLElement): void; leave(): void; enter(): void } | null; // null in the other views
  article: { current(): string } | null;
  formatting: {
    usd(value: number): string;
    count(value: number): string;
    rounded(value: number, digits: number): number;
  };
  costs: {
    UnknownPrice: new (message: string) => Error;
    TooSmall: new (message: string) => Error; // the instance cannot hold a request
    charge(quantity: number, usd: Usd, what: string): number;
    tierParts(quantity: number, starts: number[]): number[];
    tiered(quantity: number, starts: number[], prices: Usd[], what: string): number;
    lambdaUsd(tables: PriceTables, work: Workload, requests: number): number;
    ec2(tables: PriceTables, work: Workload, requests: number): Ec2Bill;
    room(tables: PriceTables, work: Workload, machine: { vcpu: number; memory_gib: number }): { worksOn: number; serves: number }; // requests at once
    frontUsd(tables: PriceTables, front: string, region: string, requests: number): number;
    average(tables: PriceTables, work: Workload, requests: number): number; // requests under way
    gbSeconds(work: Workload, requests: number): number;
  };
  quantities: {
    read(tables: PriceTables, quantity: Quantity, text: string): number;
    show(quantity: Quantity, value: number): string;
    allows(quantity: Quantity, value: number): boolean;
  };
  assumptions(tables: PriceTables, work: Workload): string;
  flip(tables: PriceTables, work: Workload): string;
  comparison: {
    compare(tables: PriceTables, work: Workload): Comparison;
    lambdaUsdOrNaN(tables: PriceTables, work: Workload, requests: number): number;
  };
  curve(svg: SVGSVGElement, tables: PriceTables, work: Workload, comparison: Comparison): void;
  monthFrom(hours: { name: string; bytes: ArrayBuffer }, functions: { name: string; bytes: ArrayBuffer }): Month;
  monthBill(tables: PriceTables, work: Workload, month: Month, fixed: boolean): MonthBill;
  fourWays(tables: PriceTables, work: Workload): Way[];
  ways(panel: HTMLElement, tables: PriceTables, state: Workload): { show(): void };
  month(panel: HTMLElement, tables: PriceTables, state: Workload): { show(): void };
  letOpen(picture: HTMLElement): void; // large, by a tap on a small screen, and let it scroll there
  letClose(numbers: HTMLDetailsElement): void; // by Escape, and let keys scroll them
  engine?: Engine; // of a page that runs
  numbers?: { tables: PriceTables; state: Workload }; // of the first panel
}

/** What a page that runs has unpacked: assets/deck/runs. */
interface EngineParts {
  url: string; // of the one script of all workers
  module: WebAssembly.Module;
  stdlib: Uint8Array;
  lock: string;
  site: Uint8Array;
  snapshot: Uint8Array | null; // the memory of a Python that has started
}

/** The kernel and the execution environments of a page that runs. */
interface Engine {
  start(tell: (words: string, share: number) => void): Promise<void>;
  run(source: string, name: string, shows: (kind: string, text: string) => void): Promise<boolean>;
  stop(): void;
  canRun(): boolean;
  isRunning(): boolean;
  limit: number;
}

/** What the panel can set: costs.comparison in Python. */
interface Workload {
  requests: number; // a month
  duration_ms: number;
  memory_mb: number;
  peak_factor: number;
  arch: string;
  region: string;
  instance: string;
  free_tier: boolean;
  cpu_share: number;
  utilization: number; // of the instances, at the peak
  zones: number;
  lambda_front: string;
  ec2_front: string;
  lambda_discount: number;
  ec2_discount: number;
}

/** A number of the panel: costs.quantities in Python. */
interface Quantity {
  label: string;
  kind: string;
  least: number;
  most: number;
  choices: number[];
  example: string;
}

/** A price in US dollars; null if the tables have none. */
type Usd = number | null;

interface LambdaPrice {
  usd_per_gb_s: Usd[]; // one a tier
  usd_per_million: Usd;
  source: number; // index in PriceTables.sources
}

interface Ec2Price {
  vcpu: number;
  memory_gib: number;
  usd_per_hour: number;
  baseline: number | null; // share of a vCPU; null if the instance is not burstable
  surplus: number | null; // US dollars a vCPU-hour above the baseline
  source: number;
}

interface PriceTables<Ec2 = Ec2Price> {
  start: Workload;
  quantities: Record<string, Quantity>;
  units: Record<string, Record<string, [multiple: number, power: number]>>; // by kind of quantity
  number: string; // the pattern of a typed number
  fronts: Record<string, string>; // in words
  front_items: Record<string, { item: string; known: string }>;
  arm_families: string[]; // of instance types: c7g, m7g, ...
  fargate_sizes: [vcpu: number, gib: number[]][];
  managed: string; // the pattern of the types that Managed Instances offer
  managed_least: number; // instances
  known: Record<string, string>; // regions, by item
  lcu_connections: number; // new ones for an LCU-hour
  regions: Record<string, { lambda: Record<string, LambdaPrice>; ec2: Record<string, Ec2>; fronts: Record<string, [start: number, usd: number][]>; items: Record<string, [usd: number, source: number]> }>;
  sources: { last_confirmed: string; text: string }[];
  tier_bounds: Record<string, number[]>; // GB-seconds a month, by architecture
  free_requests: number;
  free_gb_seconds: number;
  full_vcpu_mb: number;
  hours: number; // a month
  stale_days: number;
}

interface Ec2Bill {
  usd: number;
  compute: number; // of it, for the instances
  instances: number;
  busy: number; // utilization, 0 to 1
}

interface BreakEven {
  requests: number; // Infinity if Lambda is always cheaper
  settled: number; // the load above which EC2 stays cheaper; NaN if unknown
  usd: number;
  sentence: string;
}

interface Comparison {
  lambda: number;
  ec2: number;
  instances: number;
  even: BreakEven;
  title: string;
  sentence: string;
  flip: string;
  safe: string;
}

/** A line of a bill: quantity times price. */
interface BillLine {
  item: string;
  quantity: number;
  unit: string;
  price: number; // US dollars a unit
  usd: number;
  source: string; // of the price, with its dates
}

interface Way {
  name: string;
  lines: BillLine[];
  usd: number; // NaN if a price is unknown
  problem: string;
}

interface MonthFunction {
  name: string;
  memory_mb: number;
  arch: string;
}

/** A month of an account's functions: a row a function, a column an hour. */
interface Month {
  functions: MonthFunction[];
  start: number; // ms since the epoch
  invocations: number[][];
  duration_ms: number[][];
}

/** The cheapest instances for some functions. */
interface FleetMonth {
  size: string;
  usd: number;
  hourly_usd: number[];
}

interface FunctionMonth {
  name: string;
  lambda_usd: number;
  ec2_usd: number;
  fleet: string;
  moves: boolean; // in the cheapest mix
}

/** US dollars an hour for each way, and the verdict. */
interface MonthBill {
  lambda: number[];
  ec2: number[];
  mix: number[];
  functions: FunctionMonth[];
  sentence: string;
  error: string;
  assumed: string;
}

// ---- reveal.js: as much of its API as we call (https://revealjs.com/api/). ----

declare const Reveal: Reveal;

interface Reveal {
  initialize(options: object): Promise<void>;
  configure(options: object): void;
  layout(): void;
  on(event: string, listener: () => void): void;
  addKeyBinding(key: { keyCode: number; key: string; description: string }, action: () => void): void;
  getCurrentSlide(): HTMLElement;
  getSlides(): HTMLElement[];
  getSlidePastCount(): number;
  getTotalSlides(): number;
  getIndices(slide: HTMLElement): { h: number; v: number };
  slide(h: number, v: number, fragment?: number): void;
  isOverview(): boolean;
  toggleOverview(): void;
  next(): void;
  prev(): void;
  left(): void;
  right(): void;
  up(): void;
  down(): void;
  togglePause(): void;
}

interface Window {
  Reveal?: Reveal; // not before RISE or the exported page has loaded it
  Jupyter?: typeof Jupyter; // the classic notebook only
  _JUPYTERLAB?: Record<string, object>; // JupyterLab's extensions, by name
  audit: object; // tests/support/exporting.js
  stage: object; // tests/support/slides.js
}

// ---- The stage (assets/jupyter/stage): classic.js and lab.js each implement SlideShow, stage.js works with either. ----

interface SlideShow<Cell = unknown> {
  recordings: string; // URL
  talk: string; // URL
  console: string; // URL
  planned(slide: Element): { minutes: number; route: Route } | undefined; // the slide's metadata
  root(): HTMLElement;
  onStage(): boolean;
  slide(): HTMLElement;
  parts(): SlidePart[]; // the cells of the slide
  cells(): StageCell<Cell>[]; // the code cells of the slide
  cell(): StageCell<Cell> | undefined; // the one that Shift-Enter runs
  reveal(method: "next" | "prev" | "slide" | "togglePause", ...given: number[]): void;
  select(cell: StageCell<Cell>): void;
  focus(): void; // leave the editor
  wrap(on: boolean): void; // break long lines of code
  run(cell: StageCell<Cell>): void;
  restart(): Promise<void>; // the kernel, then run the deck's first cell
  onRan(listener: (cell: StageCell<Cell>, outputs: object[]) => void): void;
  hasWidget(model: string): Promise<boolean>; // in the kernel
  addWidget(cell: StageCell<Cell>, output: object): void;
}

/** What answer.js asks of a cell: the question in its metadata, its outputs. */
interface SlidePart {
  question?: string;
  outputs: { output_type: string; metadata?: { lambdadeck?: { number?: string; source?: string } } }[];
}

interface StageCell<Cell = unknown> {
  id: string;
  source: string;
  node: HTMLElement;
  cell: Cell; // the notebook's own object
}

/** What one talk keeps: lambdadeck/stage/talk.py. */
interface Talk {
  place: [h: number, v: number, fragment: number] | null; // the slide
  started: number | null; // ms since the epoch
  route: Route;
  occasion: { speaker: string; event: string; date: string };
  outputs: Record<string, Recording>; // by cell id
}

/** The shortest route that a slide is on: assets/jupyter/stage/routes.js. */
type Route = "15" | "35" | "all";

/** A slide as its route knows it. */
interface Stop {
  title: string;
  isSection: boolean;
  minutes: number;
  route: Route;
}

/** What the presenter's console shows: assets/jupyter/stage/console.js. */
interface ConsoleState {
  stops: Stop[];
  at: number; // index in stops
  started: number | null;
  route: Route;
  notes: string; // HTML
  isBlack: boolean;
}

interface ToConsole {
  shows?: ConsoleState;
  says?: string;
  asks?: boolean; // whether a console is open
}

interface FromConsole {
  key?: { key: string; shiftKey: boolean };
  goto?: number; // index of a slide
  isClosed?: boolean;
  isNew?: boolean; // all other consoles close
}

interface Recording {
  html: string;
  model?: string; // of a widget, in its kernel
  source_sha256: string;
  when: string; // ISO 8601
  where: string;
}

// ---- The classic notebook, as much of it as we call. ----

declare const Jupyter: {
  notebook: ClassicNotebook;
  actions: { call(name: string): void };
};

declare function define(names: string[], factory: (...modules: any[]) => object): void; // RequireJS

interface ClassicNotebook {
  events: {
    one(event: string, listener: () => void): void;
    on(event: string, listener: (event: object, data: { cell: ClassicCell }) => void): void;
  };
  kernel?: { is_connected(): boolean; info_reply: { status?: string }; widget_manager?: { has_model(model: string): boolean } };
  container: JQueryElement;
  get_cells(): ClassicCell[];
  get_cell(index: number): ClassicCell;
  get_cell_elements(): JQueryElement;
  get_selected_cell(): ClassicCell | null;
  get_selected_index(): number | null;
  find_cell_index(cell: ClassicCell): number;
  select(index: number): void;
  command_mode(): void;
  set_autosave_interval(ms: number): void;
  _session_starting: boolean;
  start_session(kernel: string): void;
}

interface ClassicCell {
  id?: string;
  cell_type: string;
  metadata: { talk?: { minutes: number; route: Route }; slideshow?: { question?: string } };
  mode: "command" | "edit";
  element: JQueryElement;
  code_mirror: { setOption(name: string, value: unknown): void; refresh(): void };
  kernel?: { get_callbacks_for_msg(id: string): { iopub_done?: boolean; shell_done?: boolean } | undefined };
  input_prompt_number: number | string | null; // "*" while it runs
  last_msg_id: string;
  output_area: { element: JQueryElement; outputs: { output_type: string; ename: string; evalue: string }[]; append_output(output: object): void; clear_output(): void };
  get_text(): string;
  execute(): void;
  toJSON(): { outputs: object[] };
}

interface JQueryElement {
  0: HTMLElement;
  hasClass(name: string): boolean;
  index(element: Element): number;
  children(selector: string): JQueryElement;
  find(selector: string): { attr(name: string, value: string): void };
}

// ---- JupyterLab, as much of it as we call. ----

interface LabPanel {
  content: {
    node: HTMLElement;
    mode: "command" | "edit";
    activeCell: LabCell | null;
    activeCellIndex: number;
    widgets: LabCell[];
  };
  context: { path: string; ready: Promise<void> };
  sessionContext: { ready: Promise<void>; changeKernel(model: { name: string }): Promise<unknown>; session: { kernel: LabKernel | null } | null };
}

interface LabKernel {
  requestCommInfo(asked: { target_name: string }): Promise<{ content: { comms: object } }>;
}

interface LabCell {
  node: HTMLElement;
  model: {
    id: string;
    trusted: boolean;
    type: string;
    getMetadata(name: string): any;
    outputs: { toJSON(): SlidePart["outputs"]; add(output: object): void };
    sharedModel: { getSource(): string }; toJSON(): { outputs: object[] };
  };
  editor: { setOption(name: string, value: unknown): void } | null;
}

interface LabSignal<Value> {
  connect(slot: (sender: unknown, value: Value) => void): void;
}

/** What remoteEntry.js hands to lab.js. */
interface LabModules {
  base: string; // URL of the server
  tracker: { widgetAdded: LabSignal<LabPanel> };
  documents: object;
  notebook: {
    NotebookActions: {
      run(content: LabPanel["content"], session: LabPanel["sessionContext"]): Promise<boolean>;
      runCells(content: LabPanel["content"], cells: LabCell[], session: LabPanel["sessionContext"]): Promise<boolean>;
      executionScheduled: LabSignal<{ cell: LabCell }>;
      executed: LabSignal<{ cell: LabCell }>;
    };
  };
}

/** webpack's modules that the page shares: by name, then by version. */
type SharedModules = Record<string, Record<string, { get(): Promise<() => any>; from?: string; eager?: boolean; loaded?: number }>>;
