#!/usr/bin/env bash
# Fetch what the pages need from others, at fixed versions, with its licences. The result is committed: nobody who
# sets up, tests or runs gehoor needs npm. Run it again only to raise a version; then look at the pages.
# Needs: npm (any that knows `pack`), network.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
web=$root/src/gehoor/web/static/vendor
tests=$root/tests/data/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

htmx=2.0.11 idiomorph=0.7.4 echarts=6.1.0 esbuild=0.28.2 figtree=5.3.0 serif=5.3.1 axe=4.14.1

unpack() { # unpack NAME VERSION FOLDER
  mkdir -p "$work/$3"
  (cd "$work" && tar xzf "$(npm pack --silent "$1@$2" | tail -1)" -C "$3" --strip-components=1)
  echo "$1 $2"
}

mkdir -p "$web" "$tests"
unpack htmx.org $htmx htmx
unpack idiomorph $idiomorph idiomorph
unpack @fontsource-variable/figtree $figtree figtree
unpack @fontsource-variable/source-serif-4 $serif serif
unpack axe-core $axe axe

cp "$work/htmx/dist/htmx.min.js" "$web/htmx.js"
cp "$work/idiomorph/dist/idiomorph-ext.min.js" "$web/idiomorph.js"
for set in latin latin-ext; do
  cp "$work/figtree/files/figtree-$set-wght-normal.woff2" "$web/figtree-$set.woff2"
  cp "$work/serif/files/source-serif-4-$set-wght-normal.woff2" "$web/source-serif-4-$set.woff2"
done
cp "$work/axe/axe.min.js" "$tests/axe.js"
for name in htmx idiomorph figtree serif; do cp "$work/$name/LICENSE" "$web/$name.LICENSE.txt"; done
cp "$work/axe/LICENSE" "$tests/axe.LICENSE.txt"

# ECharts with the parts that we draw with and no others: half the size of the full build.
mkdir "$work/charts" && cd "$work/charts"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund "echarts@$echarts" "esbuild@$esbuild"
cat > entry.js <<'JS'
import { init, use } from "echarts/core";
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);
export { init };
JS
npx esbuild entry.js --bundle --minify --format=iife --global-name=echarts --outfile="$web/echarts.js" --log-level=warning \
  --banner:js="/* Apache ECharts $echarts (Apache-2.0), with zrender (BSD-3-Clause); see echarts.LICENSE.txt */"
cat node_modules/echarts/LICENSE node_modules/zrender/LICENSE > "$web/echarts.LICENSE.txt"
echo "echarts $echarts"
cat > "$web/VERSIONS.txt" <<TXT
htmx.js                 htmx.org $htmx                            0BSD
idiomorph.js            idiomorph $idiomorph                      0BSD
echarts.js              echarts $echarts, built from its parts     Apache-2.0 (zrender: BSD-3-Clause)
figtree-*.woff2         @fontsource-variable/figtree $figtree         OFL-1.1
source-serif-4-*.woff2  @fontsource-variable/source-serif-4 $serif  OFL-1.1
TXT
echo "in $web and $tests"
