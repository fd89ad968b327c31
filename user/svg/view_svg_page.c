/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_page.c - the document around the drawings.
 *
 * Colours after Okabe and Ito, darkened until they stand out from white: orange-red for what the CPU did, blue for what
 * devices did, and green for what cost neither; filled, hatched and dashed, so that none is told by colour alone.
 */
#include <errno.h>
#include <stdlib.h>

#include "view_figure.h"
#include "view_svg_page.h"

static const char style[] =
	"<style>\n"
	".zct{background:#fff;font-family:system-ui,sans-serif}\n"
	".zct text{fill:#1b2733;font-size:19px}\n"
	".zct .title{font-size:30px;font-weight:bold}.zct .name{font-size:21px;font-weight:bold}\n"
	".zct .faint{font-size:18.5px;fill:#4d5b68}\n"
	".zct .station{font-size:20px;font-weight:bold}.zct .label{font-weight:bold}\n"
	".zct .number{font-weight:bold}\n"
	".zct .page,.zct .pill{fill:#fff}\n"
	".zct .user{fill:#eef2f6}.zct .box{fill:#e3e9ef;stroke:#6b7a88;stroke-width:1.5}\n"
	".zct .unused{fill:none;stroke-dasharray:2 4}\n"
	".zct .border{fill:none;stroke:#1b2733;stroke-width:2.5;stroke-dasharray:10 5}\n"
	".zct .scale{fill:none;stroke:#1b2733;stroke-width:2}\n"
	".zct .rule{fill:none;stroke:#c3ccd5;stroke-width:1.5}\n"
	".zct .copy{fill:#d55e00;stroke:#d55e00}.zct .dma{fill:url(#zct-dma);stroke:#0072b2;stroke-width:1.5}\n"
	".zct .free{fill:#009e73;fill-opacity:.12;stroke:#00795a;stroke-width:2.5;stroke-dasharray:7 4}\n"
	".zct .hatch-ground{fill:#b9d9ee}.zct .hatch{stroke:#0072b2}\n"
	".zct text.copies{fill:#b84f00}.zct text.dmas{fill:#005f96}\n"
	"@media (prefers-color-scheme:dark){\n"
	".zct{background:#12171d}.zct text{fill:#e8edf2}.zct .faint{fill:#a9b6c2}\n"
	".zct .page,.zct .pill{fill:#12171d}\n"
	".zct .user{fill:#1d2630}.zct .box{fill:#26313c;stroke:#7d8c9a}.zct .unused{fill:none}\n"
	".zct .border,.zct .scale{stroke:#e8edf2}.zct .rule{stroke:#3a4753}\n"
	".zct .copy{fill:#f08a24;stroke:#f08a24}.zct .dma{stroke:#56b4e9}\n"
	".zct .free{fill:#2fc493;stroke:#2fc493}\n"
	".zct .hatch-ground{fill:#17384f}.zct .hatch{stroke:#56b4e9}\n"
	".zct text.copies{fill:#f5a04b}.zct text.dmas{fill:#6cc0f0}\n"
	"}\n"
	"</style>\n";

static const char hatch[] = "<defs><pattern id=\"zct-dma\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" "
			    "patternTransform=\"rotate(45)\"><rect class=\"hatch-ground\" width=\"9\" height=\"9\"/>"
			    "<path class=\"hatch\" d=\"M0 4.5H9\" stroke-width=\"4.5\"/></pattern></defs>\n";

int svg_page__begin(struct svg_page *p)
{
	*p = (struct svg_page){.y = SVG_MARGIN};
	p->body = open_memstream(&p->text, &p->len);
	return p->body ? 0 : -ENOMEM;
}

static void write_document(FILE *out, const struct svg_page *p, const char *title, const char *about)
{
	double height = p->y + SVG_MARGIN;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"zct\" viewBox=\"0 0 %d %.0f\" width=\"100%%\" "
		"role=\"img\" aria-labelledby=\"zct-title zct-desc\">\n",
		SVG_WIDTH, height);
	fputs("<title id=\"zct-title\">", out);
	svg_text__escape(out, title);
	fputs("</title>\n<desc id=\"zct-desc\">", out);
	svg_text__escape(out, about);
	fputs("</desc>\n", out);
	fputs(style, out);
	fputs(hatch, out);
	fprintf(out, "<rect class=\"page\" width=\"%d\" height=\"%.0f\"/>\n", SVG_WIDTH, height);
	fwrite(p->text, 1, p->len, out);
	fputs("</svg>\n", out);
}

int svg_page__end(struct svg_page *p, FILE *out, const char *title, const char *about)
{
	bool whole = !ferror(p->body);

	whole &= fclose(p->body) == 0;
	if (whole)
		write_document(out, p, title, about);
	free(p->text);
	if (!whole)
		return -ENOMEM;
	errno = 0;
	if (fflush(out) == EOF || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

void svg_page__scale(struct svg_page *p, double x, struct svg_scale scale, uint64_t bytes, const char *text)
{
	double w = svg_scale__width(scale, bytes);

	/* |--| */
	fprintf(p->body, "<path class=\"scale\" d=\"M%.1f %.1fv18m0 -9h%.2fm0 -9v18\"/>\n", x + 1, p->y, w);
	svg_text__put(p->body, FONT_TEXT, ANCHOR_START, x + w + 12, p->y + 16, 0, text);
}

void svg_page__legend(struct svg_page *p, struct svg_scale scale, uint64_t bytes)
{
	static const struct {
		enum arrow arrow;
		const char *name;
	} kinds[] = {{ARROW_COPY, "CPU copy"},
		     {ARROW_DMA, "DMA by a device"},
		     {ARROW_NO_COPY, "passes without a copy"}};
	char text[128], n[FMT_LEN];
	double x = SVG_MARGIN;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		svg_draw__sample(p->body, kinds[i].arrow, x, p->y + 14, 48, 14);
		svg_text__put(p->body, FONT_TEXT, ANCHOR_START, x + 56, p->y + 21, 0, kinds[i].name);
		x += 56 + svg_text__width_in(FONT_TEXT, kinds[i].name) + 22;
	}
	p->y += 40;
	if (bytes > 0) {
		snprintf(text, sizeof(text), "is %s; widths are in proportion, but never too thin to see",
			 fmt_bytes_unit(n, bytes));
		svg_page__scale(p, SVG_MARGIN, scale, bytes, text);
		p->y += 34;
	}
	svg_text__put(p->body, FONT_FAINT, ANCHOR_START, SVG_MARGIN, p->y + 14, 0,
		      "~ inferred · ≥ at least · - not measured · K, M, G: steps of 1024");
	p->y += 30;
}

void svg_page__rule(struct svg_page *p)
{
	fprintf(p->body, "<path class=\"rule\" d=\"M%d %.1fH%d\"/>\n", SVG_MARGIN, p->y, SVG_WIDTH - SVG_MARGIN);
}
