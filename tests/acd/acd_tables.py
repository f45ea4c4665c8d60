"""A small team of synthetic agents."""

AGENTS = {
    "melati": "199001012015011001",
    "kenanga": "199001012015011002",
    "mawar": "199001012015011003",
    "dahlia": "199001012015011004",
    "anggrek": "199001012015011005",
}


def tables() -> dict[str, str]:
    number = AGENTS
    return {
        "skills": "skill,about,levels,wider,assumed\nkup,,3,,\npph,,3,,\n",
        "agents": "agent,on_air_name,team,languages\n"
        + "".join(f"{number[n]},{n.title()},pagi,{'id' if n == 'kenanga' else 'id en'}\n" for n in number),
        "competences": "agent,skill,tier,level,expires\n"
        f"{number['melati']},kup,C,2,\n{number['melati']},pph,B,2,\n{number['kenanga']},kup,B,2,\n"
        f"{number['mawar']},kup,B,2,2026-11-20\n{number['dahlia']},kup,A,3,\n{number['anggrek']},pph,A,1,\n",
        "rings": "plan,after_s,tiers,least_level,reach,assumed\nb_first,0,B,1,0,\nb_first,30,B C,1,0,\n",
        "requirements": "queue,skill,tier,plan,priority,assumed\n"
        "kup_application,kup,B,b_first,0,\npph_application,pph,B,b_first,0,\n",
        "reserves": "skill,tier,keep,assumed\nkup,C,1,\n",
    }
