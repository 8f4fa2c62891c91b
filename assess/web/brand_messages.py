"""What can be wrong with a brand, a logo or a report style: English sentences, listed to be translated."""

from __future__ import annotations

from assess.web.languages import N_

BRANDS = (
    N_("asks for {name}, which neither the style {style} nor full has"),
    N_("claims more than {pixels} million pixels"),
    N_("is an SVG, which can carry scripts and addresses; save the logo as PNG, best 1024 pixels wide"),
    N_("is damaged: the picture can't be read to its end"),
    N_('is empty: write the colour in quotes, such as "#0e6377"'),
    N_("is not UTF-8"),
    N_("is not a PNG, JPEG or WebP picture"),
    N_("is not the name of a file"),
    N_('must be a colour of six digits in quotes, such as "#0e6377"'),
    N_("must stand on one line"),
    N_("names {section} twice"),
    N_("shows nothing: every pixel is transparent"),
    N_("stands in another file too"),
    N_("takes too long to read"),
    N_("takes too much memory or time to read"),
    N_("the template is wrong: {reason}"),
    N_("there is no colour {name}"),
    N_("there is no file {name}"),
    N_("there is no report format {format} (there are: {known})"),
    N_("there is no report style {id} (there are: {known})"),
    N_("{given} has too little contrast on white paper: texts and marks are printed in {used}"),
    N_("{second} is hard to tell from {primary}, above all for colour-blind readers"),
)
