extension HTMLRenderer {
  /// Light and dark by the reader's preference; one column on a phone.
  static let styles = """
    :root{color-scheme:light dark;--bg:#fbfbfa;--fg:#1c1e21;--dim:#5f6570;--line:#dcdfe4;--card:#fff;
    --ok:#116b3c;--bad:#b3261e;--c0:#3566b8;--c1:#c76b12;--c2:#2e8b57;--c3:#a8326e;--c4:#6a4fb3;
    --c5:#0f7f8c;--c6:#8a6d00;--c7:#59616e}
    @media (prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e8eaed;--dim:#9aa1ac;--line:#33373e;
    --card:#1d2024;--ok:#6fd39b;--bad:#ff8a80;--c0:#7fa8f0;--c1:#f0a763;--c2:#7acb9c;--c3:#e583b4;
    --c4:#b19df0;--c5:#67cbd8;--c6:#d9bf5c;--c7:#a6adb8}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--fg);
    font:16px/1.55 system-ui,"Noto Sans","Noto Sans CJK SC","PingFang SC",sans-serif}
    main{max-width:1080px;margin:0 auto;padding:2rem 1rem 4rem}
    h1{font-size:1.7rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
    .dim{color:var(--dim);font-size:.9rem}.ok{color:var(--ok)}.bad{color:var(--bad)}
    .verdict{font-size:1.1rem;font-weight:600;margin:.4rem 0}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0}
    dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
    th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);
    vertical-align:top}th{font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}
    .bar{display:flex;height:1.6rem;border-radius:.3rem;overflow:hidden;margin-bottom:.8rem}
    .bar span{min-width:2px;flex-grow:0;flex-shrink:1}
    .c0{background:var(--c0)}.c1{background:var(--c1)}.c2{background:var(--c2)}
    .c3{background:var(--c3)}.c4{background:var(--c4)}.c5{background:var(--c5)}
    .c6{background:var(--c6)}.c7{background:var(--c7)}
    .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1rem;
    align-items:start}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.4rem;
    padding:.6rem}
    img{width:100%;height:auto;border-radius:.2rem;display:block}
    figcaption{font-size:.9rem;color:var(--dim);margin:.4rem 0}
    summary{cursor:pointer;padding:.25rem 0}details{margin:.2rem 0}
    """
}
