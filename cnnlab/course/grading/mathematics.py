r"""Formulas in learners' Markdown: MathJax, which draws them, obeys commands that make links, styles and new commands.

``\href{javascript:…}{x}``, ``\style{position: fixed}{x}``, ``\class``, ``\cssId``, ``\require``, ``\def`` and their kin
act in the browser of whoever reads. So a formula may hold the commands of a list, those that draw mathematics; of
others the name alone is left, without its backslash, and of those whose first argument is no mathematics, the rest.
"""

from __future__ import annotations

import re

DRAW = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma Gamma Delta Theta Lambda Xi Pi
    Sigma Upsilon Phi Psi Omega varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi
    varOmega aleph beth gimel daleth hbar hslash ell imath jmath Re Im wp partial nabla infty prime backprime
    emptyset varnothing eth complement Bbbk circledS forall exists nexists neg lnot top bot angle measuredangle
    sphericalangle triangle square blacksquare Box Diamond lozenge blacklozenge bigstar star clubsuit diamondsuit
    heartsuit spadesuit sharp flat natural checkmark maltese dagger ddagger dag ddag S P copyright degree surd
    pounds yen pm mp times div cdot ast circ bullet cap cup uplus sqcap sqcup vee lor wedge land setminus
    smallsetminus wr diamond bigtriangleup bigtriangledown triangleleft triangleright lhd rhd unlhd unrhd oplus
    ominus otimes oslash odot bigcirc amalg boxplus boxminus boxtimes boxdot ltimes rtimes intercal barwedge veebar
    curlywedge curlyvee dotplus divideontimes centerdot circledast circledcirc circleddash Cap Cup doublecap
    doublecup leftthreetimes rightthreetimes le leq ge geq ne neq equiv sim simeq approx cong propto ll gg prec succ
    preceq succeq subset supset subseteq supseteq subsetneq supsetneq sqsubset sqsupset sqsubseteq sqsupseteq in ni
    owns notin vdash dashv models perp mid parallel nmid nparallel bowtie Join smile frown asymp doteq doteqdot
    triangleq bumpeq Bumpeq approxeq thickapprox thicksim backsim leqslant geqslant leqq geqq lesssim gtrsim
    lessapprox gtrapprox lessgtr gtrless lll ggg nless ngtr nleq ngeq nsim ncong nsubseteq nsupseteq Vdash vDash
    Vvdash nvdash nvDash between pitchfork therefore because not varpropto vartriangle blacktriangle
    blacktriangledown trianglelefteq trianglerighteq coloneqq eqqcolon colon to gets leftarrow rightarrow uparrow
    downarrow leftrightarrow updownarrow Leftarrow Rightarrow Uparrow Downarrow Leftrightarrow Updownarrow
    longleftarrow longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow iff implies
    impliedby mapsto longmapsto hookleftarrow hookrightarrow nearrow searrow swarrow nwarrow leftharpoonup
    leftharpoondown rightharpoonup rightharpoondown rightleftharpoons leftrightharpoons rightsquigarrow leadsto
    twoheadrightarrow twoheadleftarrow curvearrowleft curvearrowright circlearrowleft circlearrowright nleftarrow
    nrightarrow nLeftarrow nRightarrow rightrightarrows leftleftarrows rightleftarrows leftrightarrows
    dashrightarrow dashleftarrow multimap upharpoonright restriction xleftarrow xrightarrow sum prod coprod int iint
    iiint iiiint oint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigoplus bigotimes biguplus limits nolimits
    displaylimits arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim
    liminf limsup ln log max min Pr projlim sec sin sinh sup tan tanh bmod pmod mod pod operatorname
    operatornamewithlimits varliminf varlimsup frac dfrac tfrac cfrac binom dbinom tbinom genfrac sqrt root of over
    atop choose overset underset stackrel sideset overline underline overbrace underbrace overbracket underbracket
    overparen underparen overrightarrow overleftarrow overleftrightarrow underrightarrow underleftarrow widehat
    widetilde hat check breve acute grave tilde bar vec dot ddot dddot ddddot mathring boxed fbox cancel bcancel
    xcancel left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm
    lbrace rbrace lbrack rbrack langle rangle lfloor rfloor lceil rceil lvert rvert lVert rVert vert Vert lgroup
    rgroup lmoustache rmoustache ulcorner urcorner llcorner lrcorner backslash ldots cdots vdots ddots dots dotsc
    dotsb dotsm dotsi dotso begin end cr hline hfill hfil tag notag nonumber substack array matrix pmatrix cases
    eqalign displaylines quad qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace
    negthickspace nobreakspace space phantom hphantom vphantom mathstrut strut allowbreak newline text textrm textbf
    textit textsf texttt textnormal mbox hbox mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathscr
    mathnormal boldsymbol bold pmb bm Bbb frak cal scr rm bf it sf tt mit oldstyle displaystyle textstyle
    scriptstyle scriptscriptstyle tiny scriptsize small normalsize large Large LARGE mathop mathbin mathrel mathopen
    mathclose mathpunct mathord mathinner mathchoice TeX LaTeX
"""
# What their first argument says is no mathematics: an address, a style, a name, a place, a size.
SAY = """
    href url style class cssId data bbox require unicode mmlToken htmlData htmlClass htmlId htmlStyle texthtml
    includegraphics color textcolor colorbox fcolorbox definecolor label ref eqref hspace mspace hskip mskip kern
    mkern raise lower moveleft moveright rule toggle setOptions enclose
"""
DRAWN, ARGUED = frozenset(DRAW.split()), frozenset(SAY.split())
ACT = frozenset(["href", "url", "style", "class", "cssId", "bbox", "require", "unicode", "mmlToken"])
COMMAND = re.compile(r"(?<!\\)((?:\\\\)*)(\\{1,2})([A-Za-z]+)")
WITH_ARGUMENT = re.compile(r"\s*(?:\*\s*)?(?:\[[^\[\]]*\]\s*)?(?:\{[^{}]*\})?")
DRAWS = re.compile(r"\$|\\[(\[]|\\begin\b")
CODE = re.compile(r"(^(?:```|~~~).*?^(?:```|~~~)[^\n]*$|(?<!`)(`{1,8})(?!`).+?(?<!`)\2(?!`))", re.DOTALL | re.MULTILINE)


def draws_alone(text: str) -> bool:
    """Whether in this text, as a page shows it, MathJax finds nothing but mathematics to draw; code left out."""
    return DRAWS.search(text) is None or not any(map(_is_foreign, COMMAND.finditer(text)))


def _is_foreign(command: re.Match) -> bool:
    """Two backslashes begin a new line and no command, unless somebody reads them otherwise."""
    return command[3] not in DRAWN if len(command[2]) == 1 else command[3] in ACT


def without_commands(source: str) -> str:
    """Markdown without the commands that draw no mathematics. Code stays as it is, and so do words without formulas."""
    pieces = CODE.split(source)  # words, code, its backticks, and so on
    words = pieces[::3]
    if not any(map(DRAWS.search, words)):
        return source
    return "".join(word for pair in zip(map(_drawn, words), [*pieces[1::3], ""], strict=True) for word in pair)


def _drawn(text: str) -> str:
    pieces, at = [], 0
    for command in COMMAND.finditer(text):
        if command.start() < at or not _is_foreign(command):
            continue
        pieces += [text[at : command.end(1)], "" if command[3] in ARGUED else command[3]]
        after = WITH_ARGUMENT.match(text, command.end()) if command[3] in ARGUED else None
        at = after.end() if after else command.end()
    return "".join([*pieces, text[at:]])
