"""Formats of access tokens, by their prefixes: the services' own, as gitleaks' rules list them."""

import re

# Each with a hint in lower case: the pattern runs only over texts that hold it.
FORMATS = tuple(
    (re.compile(rf"(?<![A-Za-z0-9]){pattern}"), hint)
    for pattern, hint in (
        (r"gh[pousr]_[A-Za-z0-9]{36,}", "gh"),
        (r"github_pat_[A-Za-z0-9_]{36,}", "github_pat_"),
        (r"gl(?:pat|dt|rt|cbt|ptt|ft|agent|oas|soat|imt)-[A-Za-z0-9_.-]{20,}", "gl"),
        (r"xox[abeoprs]-[A-Za-z0-9-]{10,}", "xox"),
        (r"xapp-[0-9]-[A-Za-z0-9-]{20,}", "xapp-"),
        (r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{20,}", "hooks.slack.com"),
        (r"(?:sk|rk|pk|whsec)_(?:live|test|prod)_[A-Za-z0-9]{10,}", "k_"),
        (r"whsec_[A-Za-z0-9+/=]{20,}", "whsec_"),
        (r"AIza[A-Za-z0-9_-]{35}", "aiza"),
        (r"GOCSPX-[A-Za-z0-9_-]{20,}", "gocspx-"),
        (r"ya29\.[A-Za-z0-9_-]{20,}", "ya29."),
        (r"sk-(?:ant-|proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}", "sk-"),
        (r"npm_[A-Za-z0-9]{30,}", "npm_"),
        (r"pypi-[A-Za-z0-9_-]{50,}", "pypi-"),
        (r"rubygems_[a-f0-9]{48}", "rubygems_"),
        (r"do[opr]_v1_[a-f0-9]{64}", "_v1_"),
        (r"SK[0-9a-f]{32}", "sk"),
        (r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}", "sg."),
        (r"key-[0-9a-f]{32}", "key-"),
        (r"hf_[A-Za-z0-9]{30,}", "hf_"),
        (r"dapi[a-f0-9]{32}", "dapi"),
        (r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "shp"),
        (r"AGE-SECRET-KEY-1[A-Z0-9]{58}", "age-secret-key-1"),
        (r"hv[sb]\.[A-Za-z0-9_-]{24,}", "hv"),
        (r"dp\.(?:pt|st|ct|scim|audit)\.[A-Za-z0-9]{40,}", "dp."),
        (r"lin_api_[A-Za-z0-9]{40}", "lin_api_"),
        (r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", "dckr_"),
        (r"ATATT3[A-Za-z0-9_=-]{20,}", "atatt3"),
        (r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}", ".atlasv1."),
        (r"sntry[su]_[A-Za-z0-9+/=_-]{40,}", "sntry"),
        (r"NRAK-[A-Z0-9]{27}", "nrak-"),
        (r"gl(?:c|sa)_[A-Za-z0-9+/=_]{32,}", "gl"),
        (r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}", "pmak-"),
        (r"ops_eyJ[A-Za-z0-9+/=]{50,}", "ops_eyj"),
        (r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", ":aa"),
        (r"EAA[A-Za-z0-9]{60,}", "eaa"),
        (r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}", "sq0"),
        (r"(?<=AccountKey=)[A-Za-z0-9+/=]{40,}", "accountkey="),
    )
)
