{{ staged_leads(source('cabinet', 'module_ct_cabinet_leads')) }}
