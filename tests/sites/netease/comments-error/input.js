getData(
{"code":"42212","message":"参数错误"});